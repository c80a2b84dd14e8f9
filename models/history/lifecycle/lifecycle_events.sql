-- The days on which a stage can change: first contact, consumption, a refund in full, a
-- window letting go of a day, a recency limit passed, a threshold that begins.
-- One row per customer, day and event.
{{ config(materialized='view') }}
-- depends_on: {{ ref('tier_lifecycle') }}
{%- set ladder = lifecycle_ladder() %}
with days as (
    select * from {{ ref('lifecycle_days') }}
),

windows as (
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

changes as (
    select distinct valid_from
    from {{ ref('threshold_periods') }}
    where threshold in ('{{ ladder.thresholds | join("', '") }}')
),

events (customer_key, event_date, event, window_days) as (
    select customer_key, consumption_date, 'opened', null from days
    union all
    select customer_key, ended_on, 'ended', null from days
    where ended_on is not null
    union all
    select
        days.customer_key,
        least({{ days_after('days.consumption_date', 'windows.day_count + 1') }}, days.ended_on),
        'let_go',
        windows.day_count
    from days
    cross join windows
    union all
    select
        days.customer_key,
        {{ days_after('days.consumption_date', 'limits.day_count + steps.step') }},
        'aged',
        null
    from days
    cross join limits
    cross join steps
    where
        {{ days_after('days.consumption_date', 'limits.day_count + steps.step') }}
        < coalesce(days.next_lasting_date, date '9999-12-31')
    union all
    select customer_key, first_contact_date, 'contact', null
    from {{ ref('first_contacts') }}
    union all
    select contacts.customer_key, changes.valid_from, 'policy', null
    from {{ ref('first_contacts') }} as contacts
    inner join changes on contacts.first_contact_date < changes.valid_from
)

select * from events
