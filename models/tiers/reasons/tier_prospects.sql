-- Every condition on each coming day on which something can change, if nothing new
-- happens; not known (null) where other customers or models move its value.
-- One row per customer, as-of date, rule set, model, condition and day.
{{ config(materialized='view') }}
{%- set columns = prospect_columns() %}
with moved as (
    select
        {{ columns }},
        date_diff('day', courses.as_of_date, turns.turn_date) as days_on,
        case
            when courses.course != 'window' or courses.value is null then null
            when courses.measure = 'referral_conversion_rate'
                then cast(avg(events.amount) as decimal(9, 4))
            else coalesce(sum(events.amount), 0)
        end as left_value
    from {{ ref('tier_courses') }} as courses
    inner join {{ ref('tier_turns') }} as turns
        on {{ same_placement('courses', 'turns') }} and courses.model = turns.model
    left join {{ ref('measure_events') }} as events
        on {{ same_customer('courses', 'events') }}
        and courses.measure = events.measure
        and courses.course = 'window'
        and date_diff('day', events.event_date, turns.turn_date) <= courses.window_days
    group by {{ columns }}
),

-- A grace period begins on the day on which its alternative ceases.
ended as (
    select
        *,
        min(case when left_value < target_value then turn_date end) over (
            partition by
                customer_key, as_of_date, ruleset, model, rung, condition_group
            order by turn_date
        ) as ended_date,
        row_number() over (
            partition by customer_key, as_of_date, ruleset, model, turn_date, course
            order by condition_number
        ) as step_number
    from moved
),

valued as (
    select
        *,
        case course
            when 'window' then left_value
            when 'ages' then value + days_on
            when 'grace' then {{ grace_value() }}
            else value
        end as value_then
    from ended
)

select
    customer_key, as_of_date, ruleset, model, rung, condition_number, condition_group,
    turn_date, value_then,
    case
        when course = 'grace' then coalesce({{ chained_grace() }} <= target_value, false)
        when course != 'others' then {{ is_condition_met('value_then') }}
    end as is_met
from valued
