-- Why a customer stands where she stands, and what the next rung asks of her.
-- One row per customer, model and condition of her own rung or the next one.
{{ config(materialized='view') }}
with judged (
    customer_key, as_of_date, ruleset, model, tier, rung, condition_group, measure,
    window_days, comparison, threshold, target_code,
    role, value, target, value_code, is_met
) as (
    select
        customer_key,
        as_of_date,
        ruleset,
        model,
        tier,
        rung,
        condition_group,
        measure,
        window_days,
        comparison,
        threshold,
        target_code,
        case when rung = tier then 'holds' else 'next' end,
        case when asks_for = 'number' then value end,
        target_value,
        case when asks_for != 'number' then value_code end,
        {{ is_condition_met() }}
    from {{ ref('tier_comparisons') }}
)

select
    customer_key,
    as_of_date,
    ruleset,
    model,
    tier,
    rung,
    role,
    condition_group,
    measure,
    window_days,
    comparison,
    threshold,
    value,
    target,
    value_code,
    target_code,
    is_met,
    case
        when is_met then 0
        when comparison in ('>=', '>') then target - coalesce(value, 0)
        when comparison in ('<=', '<') then value - target
    end as gap
from judged
