-- Who took an action, and who had come but not taken it by then, with what was known of
-- them that day. The day itself is left out of the money.
-- One row per as-of date that is matched, action, customer and day.
{%- set tenure = days_between('known.first_consumption_date', 'known.index_date') %}
with policy as (
    {{ active_policy([
        'hva_months_before', 'hva_tenure_recent_max_days', 'hva_tenure_year_max_days',
    ]) }}
),

-- Read off in passing: a join would meet all pairs of days.
points as (
    select
        as_of_date,
        customer_sk,
        consumption_date as point_date,
        consumption_date,
        department
    from {{ ref('consumption_days') }}
    where customer_sk in (select days.customer_sk from {{ ref('index_days') }} as days)
    union all
    select
        as_of_date,
        customer_sk,
        index_date as point_date,
        null as consumption_date,
        null as department
    from {{ ref('index_days') }}
),

known as (
    select
        as_of_date,
        customer_sk,
        point_date as index_date,
        consumption_date is null as is_index_day,
        {{ first_known('consumption_date') }} over so_far as first_consumption_date,
        {{ last_known('consumption_date') }} over so_far as last_consumption_date,
        {{ last_known('department') }} over so_far as department
    from points
    window so_far as (partition by customer_sk, as_of_date order by point_date asc)
),

spent as (
    select
        days.as_of_date,
        days.customer_sk,
        days.index_date,
        sum(movements.amount) as amount
    from {{ ref('index_days') }} as days
    inner join policy
        on
            days.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
    inner join {{ ref('money_movements') }} as movements
        on
            days.customer_sk = movements.customer_sk
            and days.index_date > movements.movement_date
            and {{ month_offset('days.index_date', 'movements.movement_date') }}
            >= -policy.hva_months_before
    group by days.as_of_date, days.customer_sk, days.index_date
)

select
    known.as_of_date,
    draws.action,
    known.customer_sk,
    profiles.customer_key,
    known.index_date,
    taken.action_date,
    coalesce(taken.action_date = known.index_date, false) as is_taken,
    coalesce(spent.amount, 0) as before_amount,
    {{ quarter_start('known.index_date') }} as quarter_date,
    cast({{ tenure }} > 0 as integer)
    + cast({{ tenure }} > policy.hva_tenure_recent_max_days as integer)
    + cast({{ tenure }} > policy.hva_tenure_year_max_days as integer) as tenure_class,
    coalesce(known.department, '') as department,
    coalesce(profiles.home_clinic_id, '') as clinic_id
from known
inner join policy
    on
        known.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
inner join {{ ref('customer_profiles') }} as profiles
    on known.customer_sk = profiles.customer_sk
inner join {{ ref('action_draws') }} as draws on known.as_of_date = draws.as_of_date
left join {{ ref('actions_taken') }} as taken
    on
        known.as_of_date = taken.as_of_date
        and known.customer_sk = taken.customer_sk
        and draws.action = taken.action
left join spent
    on
        known.as_of_date = spent.as_of_date
        and known.customer_sk = spent.customer_sk
        and known.index_date = spent.index_date
where
    known.is_index_day
    and known.first_consumption_date is not null
    and (
        (
            taken.action_date = known.index_date
            and {{ is_drawn('profiles.customer_key', 'draws.takers_one_in') }}
        )
        or (
            known.last_consumption_date = known.index_date
            and {{ is_drawn('profiles.customer_key', 'draws.candidates_one_in') }}
            and coalesce(taken.action_date > known.index_date, true)
        )
    )
