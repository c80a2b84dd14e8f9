-- Every condition on each coming day on which something can change, if nothing new
-- happens; not known (null) where other customers or models move its value.
-- One row per customer, as-of date, rule set, model, condition and day.
{{ config(materialized='view') }}
with moved as (
    select
        courses.*,
        turns.turn_date,
        date_diff('day', courses.as_of_date, turns.turn_date) as days_on,
        remains.value as left_value
    from {{ ref('tier_courses') }} as courses
    inner join {{ ref('tier_turns') }} as turns
        on {{ same_placement('courses', 'turns') }} and courses.model = turns.model
    left join {{ ref('tier_remains') }} as remains
        on
            {{ same_placement('courses', 'remains') }}
            and courses.model = remains.model
            and courses.condition_number = remains.condition_number
            and turns.turn_date = remains.turn_date
),

-- A grace period begins on the day on which its alternative ceases.
ended as (
    select
        *,
        min(case when left_value < target_value then turn_date end) over (
            partition by
                customer_key, as_of_date, ruleset, model, rung, condition_group
            order by turn_date
        ) as ended_date
    from moved
),

valued as (
    select
        customer_key,
        as_of_date,
        ruleset,
        model,
        rung,
        condition_number,
        condition_group,
        measure,
        window_days,
        comparison,
        asks_for,
        turn_date,
        course,
        target_value,
        value_code,
        target_code,
        case course
            when 'window' then left_value
            when 'ages' then value + days_on
            when 'grace' then case
                when value > 0 then value + days_on
                else coalesce(date_diff('day', ended_date, turn_date) + 1, 0)
            end
            else value
        end as value
    from ended
)

select
    *,
    case when course != 'others' then {{ is_condition_met() }} end as is_met
from valued
