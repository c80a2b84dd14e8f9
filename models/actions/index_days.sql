-- Days from which before and after are reckoned, of customers drawn to be compared: the
-- days of actions, and of everybody one day of consumption a quarter, drawn by hash; where
-- the months after are over. One row per customer, day and as-of date that is matched.
with policy as (
    {{ active_policy(['hva_months_after']) }}
),

draws as (
    select distinct
        as_of_date,
        candidates_one_in
    from {{ ref('action_draws') }}
),

days as (
    select
        consumed.as_of_date,
        consumed.customer_sk,
        {{ value_at_min('consumed.consumption_date', [
            'md5(cast(profiles.customer_key as varchar)'
            ~ ' || cast(consumed.consumption_date as varchar))'
        ]) }} as index_date
    from {{ ref('consumption_days') }} as consumed
    inner join draws on consumed.as_of_date = draws.as_of_date
    inner join {{ ref('customer_profiles') }} as profiles
        on
            consumed.customer_sk = profiles.customer_sk
            and {{ is_drawn('profiles.customer_key', 'draws.candidates_one_in') }}
    group by
        consumed.as_of_date,
        consumed.customer_sk,
        {{ quarter_start('consumed.consumption_date') }}
    union
    select
        takers.as_of_date,
        takers.customer_sk,
        takers.action_date as index_date
    from {{ ref('actions_taken') }} as takers
    inner join {{ ref('customer_profiles') }} as profiles
        on takers.customer_sk = profiles.customer_sk
    inner join {{ ref('action_draws') }} as draws
        on
            takers.as_of_date = draws.as_of_date
            and takers.action = draws.action
            and {{ is_drawn('profiles.customer_key', 'draws.takers_one_in') }}
)

select
    days.as_of_date,
    days.customer_sk,
    days.index_date
from days
inner join policy
    on
        days.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
        and {{ months_are_over(
            'policy.hva_months_after', 'days.index_date', 'days.as_of_date'
        ) }}
