-- Why a customer stands where she stands, and what the next rung asks of her.
-- One row per customer, model and condition of her own rung or the next one.
{{ config(materialized='view') }}
with judged as (
    select
        *,
        {{ is_condition_met() }} as is_met
    from {{ ref('tier_comparisons') }}
    where rung in (tier, next_tier)
)

select
    judged.customer_key,
    judged.as_of_date,
    judged.ruleset,
    judged.model,
    judged.tier,
    judged.rung,
    case when judged.rung = judged.tier then 'holds' else 'next' end as role,
    judged.condition_number,
    judged.condition_group,
    judged.measure,
    judged.window_days,
    judged.comparison,
    judged.asks_for,
    judged.threshold,
    judged.value,
    judged.target_value as target,
    case when judged.asks_for != 'number' then judged.value_code end as value_code,
    judged.target_code,
    judged.is_met,
    case
        when judged.is_met then 0
        when judged.comparison in ('>=', '>')
            then judged.target_value - coalesce(judged.value, 0)
            + {{ step_beyond('judged.comparison', 'measures.unit') }}
        when judged.comparison in ('<=', '<') then judged.value - judged.target_value
    end as gap
from judged
left join {{ ref('measures') }} as measures
    on replace(judged.measure, '_lifetime', '') = measures.measure
