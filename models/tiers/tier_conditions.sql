-- Why a customer stands where she stands, and what the next rung asks of her.
-- One row per customer, model and condition of her own rung or the next one.
{{ config(materialized='view') }}
with judged as (
    select
        *,
        {{ is_condition_met() }} as is_met
    from {{ ref('tier_comparisons') }}
    where rung in (tier, next_tier)
),

conditions (
    customer_key, as_of_date, ruleset, model, tier, rung, condition_number,
    condition_group, measure, window_days, comparison, asks_for, threshold, value,
    target, target_code, is_met, role, value_code
) as (
    select
        customer_key,
        as_of_date,
        ruleset,
        model,
        tier,
        rung,
        condition_number,
        condition_group,
        measure,
        window_days,
        comparison,
        asks_for,
        threshold,
        value,
        target_value,
        target_code,
        is_met,
        case when rung = tier then 'holds' else 'next' end,
        case when asks_for != 'number' then value_code end
    from judged
)

select
    conditions.*,
    case
        when conditions.is_met then 0
        when conditions.comparison in ('>=', '>')
            then
                conditions.target - coalesce(conditions.value, 0)
                + {{ step_beyond('conditions.comparison', 'measures.unit') }}
        when conditions.comparison in ('<=', '<')
            then conditions.value - conditions.target
    end as gap
from conditions
left join {{ ref('measures') }} as measures
    on replace(conditions.measure, '_lifetime', '') = measures.measure
