-- The conditions of her own rung and the next one beside the words for them. `wants` is
-- the comparison to bring about: a condition of the next rung, or that one of her own
-- ceases. One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
with conditions as (
    select
        *,
        replace(measure, '_lifetime', '') as measure_name,
        case when role = 'next' then comparison else {{ opposite('comparison') }} end
            as wants
    from {{ ref('tier_conditions') }}
)

select
    conditions.customer_key,
    conditions.as_of_date,
    conditions.ruleset,
    conditions.model,
    conditions.role,
    conditions.condition_number,
    conditions.condition_group,
    conditions.measure,
    conditions.window_days,
    conditions.comparison,
    conditions.wants,
    conditions.asks_for,
    conditions.value,
    conditions.target,
    conditions.value_code,
    conditions.is_met,
    case
        when conditions.measure like '%_lifetime' or conditions.window_days = 0
            then 'stays'
        else words.course
    end as course,
    words.act,
    measures.unit,
    conditions.target - coalesce(conditions.value, 0)
    + {{ step_beyond('conditions.wants', 'measures.unit') }} as gap,
    {{ condition_labels() }}
from conditions
left join {{ ref('measures') }} as measures
    on conditions.measure_name = measures.measure
left join {{ ref('measure_words') }} as words
    on conditions.measure_name = words.measure
left join {{ ref('tier_code_labels') }} as held
    on conditions.measure_name = held.measure and conditions.value_code = held.code
left join {{ ref('tier_code_labels') }} as wanted
    on conditions.measure_name = wanted.measure and conditions.target_code = wanted.code
