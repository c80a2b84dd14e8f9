-- How many took an action; of very many who took it long enough ago, and who may be
-- matched with them, one in so many is drawn to be compared (1: all).
-- One row per as-of date that is matched and action that is looked at.
with policy as (
    {{ active_policy(['hva_max_customers', 'hva_months_after']) }}
),

taken as (
    select
        takers.as_of_date,
        takers.action,
        count(*) as customers_taken,
        count(
            case
                when {{ months_are_over(
                    'policy.hva_months_after', 'takers.action_date', 'takers.as_of_date'
                ) }} then 1
            end
        ) as customers
    from {{ ref('actions_taken') }} as takers
    inner join policy
        on
            takers.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
    group by takers.as_of_date, takers.action
),

consumers as (
    select
        consumed.as_of_date,
        count(distinct consumed.customer_sk) as customers
    from {{ ref('consumption_days') }} as consumed
    inner join {{ ref('action_days') }} as days on consumed.as_of_date = days.as_of_date
    group by consumed.as_of_date
)

select
    policy.as_of_date,
    actions.action,
    coalesce(taken.customers_taken, 0) as customers_taken,
    {{ drawn_one_in('taken.customers', 'policy.hva_max_customers') }}
        as takers_one_in,
    {{ drawn_one_in('consumers.customers', 'policy.hva_max_customers') }}
        as candidates_one_in
from policy
inner join {{ ref('action_days') }} as days on policy.as_of_date = days.as_of_date
inner join {{ ref('high_value_actions') }} as actions on actions.is_on
left join taken
    on
        policy.as_of_date = taken.as_of_date
        and actions.action = taken.action
left join consumers on policy.as_of_date = consumers.as_of_date
where policy.scope_id = {{ chain_scope() }}
