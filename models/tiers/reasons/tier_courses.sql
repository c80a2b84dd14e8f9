-- How the value of every condition moves while nothing happens; `grace_days`: for how
-- long its alternative holds after it has ceased.
-- One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
with moving as (
    select
        compared.customer_key,
        compared.as_of_date,
        compared.ruleset,
        compared.model,
        compared.rung,
        compared.condition_number,
        compared.condition_group,
        compared.measure,
        compared.window_days,
        compared.comparison,
        compared.asks_for,
        compared.value,
        compared.value_code,
        compared.target_value,
        compared.target_code,
        case
            when compared.measure like '%_lifetime' or compared.window_days = 0
                then 'stays'
            when
                words.course = 'others'
                and compared.value is null
                and compared.value_code is null
                and measures.unit != 'code'
                then 'stays'
            else words.course
        end as course
    from {{ ref('tier_values') }} as compared
    left join {{ ref('measures') }} as measures
        on replace(compared.measure, '_lifetime', '') = measures.measure
    left join {{ ref('measure_words') }} as words
        on replace(compared.measure, '_lifetime', '') = words.measure
)

select
    *,
    max(target_value) filter (where course = 'grace') over (
        partition by customer_key, as_of_date, ruleset, model, rung, condition_group
    ) as grace_days
from moving
