-- The days on which time alone can change a stage: a window lets go of a consumption
-- day, or her recency passes a limit. One row per customer, day and expiry.
{{ config(materialized='view') }}
-- depends_on: {{ ref('tier_lifecycle') }}
{%- set ladder = lifecycle_ladder() %}
with windows as (
    {{ values_in_days(ladder.windows) }}
),

limits as (
    {{ values_in_days(ladder.limits) }}
),

steps as (
    select 0 as step
    union all
    select 1 as step
),

aged as (
    select
        held.customer_key,
        held.next_lasting_date,
        {{ days_after('held.consumption_date', 'limits.day_count + steps.step') }}
            as event_date
    from {{ ref('lifecycle_days') }} as held
    cross join limits
    cross join steps
)

select
    held.customer_key,
    windows.day_count as window_days,
    least(
        {{ days_after('held.consumption_date', 'windows.day_count + 1') }},
        held.ended_on
    ) as event_date
from {{ ref('lifecycle_days') }} as held
cross join windows
union all
select
    customer_key,
    null as window_days,
    event_date
from aged
where event_date < coalesce(next_lasting_date, date '9999-12-31')
