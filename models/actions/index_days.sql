-- Days from which before and after are reckoned, once the months after are over: of
-- actions; to compare with, every consumption day and any day a quarter, drawn by hash.
-- One row per customer drawn, day and as-of date that is matched.
{%- set longest_quarter = 92 %}
with policy as (
    {{ active_policy(['hva_months_after']) }}
),

drawn as (
    select
        draws.as_of_date,
        profiles.customer_sk,
        cast(profiles.customer_key as varchar) as customer_key
    from (
        select distinct
            as_of_date,
            candidates_one_in
        from {{ ref('action_draws') }}
    ) as draws
    inner join {{ ref('customer_profiles') }} as profiles
        on {{ is_drawn('profiles.customer_key', 'draws.candidates_one_in') }}
),

consumed as (
    select
        days.as_of_date,
        days.customer_sk,
        days.consumption_date
    from {{ ref('consumption_days') }} as days
    inner join drawn
        on
            days.as_of_date = drawn.as_of_date
            and days.customer_sk = drawn.customer_sk
),

firsts as (
    select
        as_of_date,
        customer_sk,
        min(consumption_date) as first_date
    from consumed
    group by as_of_date, customer_sk
),

quarters as (
    select distinct
        as_of_date,
        {{ quarter_start('consumption_date') }} as quarter_date
    from consumed
),

-- Every day is as likely as another; who draws one beyond a shorter quarter has none.
any_days as (
    select
        firsts.as_of_date,
        firsts.customer_sk,
        firsts.first_date,
        quarters.quarter_date,
        {{ days_after('quarters.quarter_date', drawn_number(
            'drawn.customer_key || cast(quarters.quarter_date as varchar)',
            longest_quarter
        )) }} as index_date
    from firsts
    inner join drawn
        on
            firsts.as_of_date = drawn.as_of_date
            and firsts.customer_sk = drawn.customer_sk
    inner join quarters
        on
            firsts.as_of_date = quarters.as_of_date
            and {{ quarter_start('firsts.first_date') }} <= quarters.quarter_date
),

days as (
    select
        as_of_date,
        customer_sk,
        consumption_date as index_date,
        true as is_comparable
    from consumed
    union all
    select
        as_of_date,
        customer_sk,
        index_date,
        true as is_comparable
    from any_days
    where index_date > first_date and {{ quarter_start('index_date') }} = quarter_date
    union all
    select
        takers.as_of_date,
        takers.customer_sk,
        takers.action_date as index_date,
        false as is_comparable
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
    days.index_date,
    bool_or(days.is_comparable) as is_comparable
from days
inner join policy
    on
        days.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
        and {{ months_are_over(
            'policy.hva_months_after', 'days.index_date', 'days.as_of_date'
        ) }}
group by days.as_of_date, days.customer_sk, days.index_date
