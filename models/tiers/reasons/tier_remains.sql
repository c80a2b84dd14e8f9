-- What is left of windowed measures on each coming day, if nothing new happens.
-- One row per customer, as-of date, rule set, model, windowed condition and day.
{{ config(materialized='view') }}
select
    courses.customer_key,
    courses.as_of_date,
    courses.ruleset,
    courses.model,
    courses.condition_number,
    turns.turn_date,
    case courses.measure
        when 'referral_conversion_rate' then cast(avg(events.amount) as decimal(9, 4))
        else coalesce(sum(events.amount), 0)
    end as value
from {{ ref('tier_courses') }} as courses
inner join {{ ref('tier_turns') }} as turns
    on {{ same_placement('courses', 'turns') }} and courses.model = turns.model
left join {{ ref('measure_events') }} as events
    on
        {{ same_customer('courses', 'events') }}
        and courses.measure = events.measure
        and date_diff('day', events.event_date, turns.turn_date) <= courses.window_days
where courses.course = 'window' and courses.value is not null
group by
    courses.customer_key,
    courses.as_of_date,
    courses.ruleset,
    courses.model,
    courses.condition_number,
    courses.measure,
    turns.turn_date
