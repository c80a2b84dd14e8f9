-- The coming days on which a condition of a ladder can change while nothing happens:
-- tomorrow, when a limit of days is passed, when a window lets go of a fact, or a grace
-- period after that. One row per customer, as-of date, rule set, model and day.
{{ config(materialized='view') }}
with courses as (
    select * from {{ ref('tier_courses') }}
),

leaving as (
    select
        {{ ladder_key('courses') }},
        courses.grace_days,
        {{ days_after('events.event_date', 'courses.window_days + 1') }} as left_date
    from courses
    inner join {{ ref('measure_events') }} as events
        on
            {{ same_customer('courses', 'events') }}
            and courses.measure = events.measure
    where courses.course = 'window'
),

turns (customer_key, as_of_date, ruleset, model, turn_date) as (
    select
        {{ ladder_key() }},
        case
            when course not in ('ages', 'grace') then {{ days_after('as_of_date', 1) }}
            when comparison in ('<=', '>')
                then {{ days_after('as_of_date', 'floor(target_value - value) + 1') }}
            else {{ days_after('as_of_date', 'ceil(target_value - value)') }}
        end
    from courses
    union all
    select
        {{ ladder_key() }},
        left_date
    from leaving
    union all
    select
        {{ ladder_key() }},
        {{ days_after('left_date', 'grace_days') }}
    from leaving
)

select distinct
    {{ ladder_key() }},
    turn_date
from turns
where turn_date > as_of_date
