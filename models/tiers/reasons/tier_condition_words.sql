-- The conditions of her own rung and the next one in words: what stands (fact), and
-- what to do to fulfil one of the next rung or to leave one of her own (step).
-- One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
with texts as (
    select
        *,
        {{ in_unit('value') }} as value_text,
        {{ in_unit('target') }} as target_text,
        {{ in_unit('gap') }} as gap_text,
        {{ window_words('en') }} as window_en,
        {{ window_words('zh') }} as window_zh,
        {{ step_template('en') }} as template_en,
        {{ step_template('zh') }} as template_zh
    from {{ ref('tier_condition_parts') }}
)

select
    customer_key,
    as_of_date,
    ruleset,
    model,
    role,
    condition_number,
    condition_group,
    measure,
    wants,
    course,
    act,
    value,
    is_met,
    {{ fact_words('en') }} as fact_en,
    {{ fact_words('zh') }} as fact_zh,
    {{ step_words('en') }} as step_en,
    {{ step_words('zh') }} as step_zh,
    template_en is not null
    or (asks_for = 'code' and tier_model_en is not null and value_code is not null)
        as is_actionable
from texts
