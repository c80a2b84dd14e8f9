-- What was known of a customer on such a day: department, clinic, spend in the months
-- before and the last month with any, classes of tenure and of days since they consumed
-- (not on the day itself), and whether they do on it.
-- One row per customer who had consumed by then, day and as-of date.
{%- set tenure = days_between('known.first_consumption_date', 'known.index_date') %}
{%- set recency = 'coalesce(' ~ days_between('known.earlier_date', 'known.index_date') ~ ', 0)' %}
{%- set month = month_offset('days.index_date', 'movements.movement_date') %}
with policy as (
    {{ active_policy([
        'hva_months_before', 'hva_tenure_recent_max_days', 'hva_tenure_year_max_days',
        'hva_recency_week_max_days', 'hva_recency_month_max_days',
        'hva_recency_quarter_max_days', 'hva_recency_half_year_max_days',
        'hva_recency_year_max_days',
    ]) }}
),

-- Read off in passing: a join would meet all pairs of days.
points as (
    select
        as_of_date,
        customer_sk,
        consumption_date as point_date,
        consumption_date,
        department,
        false as is_comparable
    from {{ ref('consumption_days') }}
    where customer_sk in (select days.customer_sk from {{ ref('index_days') }} as days)
    union all
    select
        as_of_date,
        customer_sk,
        index_date as point_date,
        null as consumption_date,
        null as department,
        is_comparable
    from {{ ref('index_days') }}
),

known as (
    select
        as_of_date,
        customer_sk,
        point_date as index_date,
        is_comparable,
        consumption_date is null as is_index_day,
        {{ first_known('consumption_date') }} over so_far as first_consumption_date,
        {{ last_known('consumption_date') }} over so_far as last_consumption_date,
        {{ last_known('consumption_date') }} over earlier as earlier_date,
        {{ last_known('department') }} over so_far as department
    from points
    window
        so_far as (partition by customer_sk, as_of_date order by point_date asc),
        earlier as (
            partition by customer_sk, as_of_date
            order by {{ days_between("date '2000-01-01'", 'point_date') }} asc
            range between unbounded preceding and 1 preceding
        )
),

spent as (
    select
        days.as_of_date,
        days.customer_sk,
        days.index_date,
        sum(movements.amount) as amount,
        max(case when movements.amount > 0 then {{ month }} end) as spent_month
    from {{ ref('index_days') }} as days
    inner join policy
        on
            days.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
    inner join {{ ref('money_movements') }} as movements
        on
            days.customer_sk = movements.customer_sk
            and days.index_date > movements.movement_date
            and {{ month }} >= -policy.hva_months_before
    group by days.as_of_date, days.customer_sk, days.index_date
)

select
    known.as_of_date,
    known.customer_sk,
    profiles.customer_key,
    known.index_date,
    known.is_comparable,
    {{ quarter_start('known.index_date') }} as quarter_date,
    cast({{ tenure }} > 0 as integer)
    + cast({{ tenure }} > policy.hva_tenure_recent_max_days as integer)
    + cast({{ tenure }} > policy.hva_tenure_year_max_days as integer) as tenure_class,
    known.last_consumption_date = known.index_date as is_consumption_day,
    {{ recency }} as recency_days,
    cast({{ recency }} > 0 as integer)
    {%- for span in ['week', 'month', 'quarter', 'half_year', 'year'] %}
    + cast({{ recency }} > policy.hva_recency_{{ span }}_max_days as integer)
    {%- endfor %} as recency_class,
    coalesce(known.department, '') as department,
    coalesce(profiles.home_clinic_id, '') as clinic_id,
    coalesce(spent.amount, 0) as before_amount,
    coalesce(spent.spent_month, 0) as spent_month
from known
inner join policy
    on
        known.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
inner join {{ ref('customer_profiles') }} as profiles
    on known.customer_sk = profiles.customer_sk
left join spent
    on
        known.as_of_date = spent.as_of_date
        and known.customer_sk = spent.customer_sk
        and known.index_date = spent.index_date
where known.is_index_day and known.first_consumption_date is not null
