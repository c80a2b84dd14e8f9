-- The days on which time alone can change a stage: a window lets go of a day that made
-- its count (of any, where days were refunded since), or her recency reaches a limit.
-- One row per customer, day and expiry.
{{ config(materialized='view') }}
{%- set ladder = lifecycle_ladder() %}
with counts as (
    {{ counts_that_matter(ladder) }}
),

limits as (
    {{ ages_at_limits(ladder) }}
),

aged as (
    select
        held.customer_key,
        held.next_lasting_date,
        {{ days_after('held.consumption_date', 'limits.day_count') }} as event_date
    from {{ ref('lifecycle_days') }} as held
    cross join limits
)

select
    held.customer_key,
    {{ days_after('held.consumption_date', 'counts.window_days + 1') }} as event_date
from {{ ref('lifecycle_days') }} as held
cross join counts
where
    held.has_ended_days
    or case counts.window_days
        {%- for days in var('measure_windows') %}
            when {{ days }} then held.held_{{ days }}
        {%- endfor %}
    end = counts.held_days
union all
select
    customer_key,
    event_date
from aged
where event_date < coalesce(next_lasting_date, date '9999-12-31')
