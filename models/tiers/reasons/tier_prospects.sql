-- Every condition on each coming day on which something can change, if nothing new
-- happens; not known (null) where other customers or models move its value.
-- One row per customer, as-of date, rule set, model, condition and day.
{{ config(materialized='view') }}
{%- set ladder = ladder_key() %}
with moved as (
    select
        {{ prospect_columns() }},
        date_diff('day', courses.as_of_date, turns.turn_date) as days_on,
        {{ left_in_window() }} as left_value
    from {{ ref('tier_courses') }} as courses
    inner join {{ ref('tier_turns') }} as turns
        on {{ same_ladder('courses', 'turns') }}
    left join {{ ref('measure_events') }} as events
        on
            {{ same_customer('courses', 'events') }}
            and courses.measure = events.measure
            and courses.course = 'window'
            and date_diff('day', events.event_date, turns.turn_date)
            <= courses.window_days
    group by {{ prospect_columns() }}
),

ceased as (
    select
        *,
        {{ ceased_date() }} as ceased_date,
        row_number() over (
            partition by {{ ladder }}, turn_date, course order by condition_number
        ) as step_number
    from moved
),

-- A grace period begins on the last day on which its alternative ceased.
valued as (
    select
        *,
        bool_or(left_value >= target_value) over (
            partition by {{ ladder }}, rung, condition_group, turn_date
        ) as is_earned,
        max(ceased_date) over (
            partition by {{ ladder }}, rung, condition_group order by turn_date
        ) as ended_date,
        {{ value_then() }} as value_then
    from ceased
)

select
    {{ ladder }},
    rung,
    condition_number,
    condition_group,
    turn_date,
    value_then,
    case
        when course = 'grace'
            then coalesce({{ chained_grace() }} <= target_value, false)
        when course != 'others' then {{ is_condition_met('value_then') }}
    end as is_met
from valued
