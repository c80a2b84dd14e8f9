-- Why a customer stands where she stands, and what the next rung asks of her.
-- One row per customer, model and condition of her own rung or the next one.
{{ config(materialized='view') }}
with conditions as (
    select
        customers.customer_key,
        customers.as_of_date,
        customers.ruleset,
        customers.model,
        customers.tier,
        rules.rung,
        rules.condition_group,
        rules.measure,
        compared.window_days,
        rules.comparison,
        rules.threshold,
        compared.value_code as code,
        rules.target_code,
        compared.value as amount,
        coalesce(thresholds.value, others.value) as target,
        coalesce(rules.threshold, rules.right_side) is not null as is_number
    from {{ ref('tier_membership') }} as customers
    inner join {{ ref('tier_aims') }} as aims
        on customers.model = aims.model and customers.tier = aims.tier
    inner join {{ ref('tier_rules') }} as rules
        on customers.model = rules.model and rules.rung in (aims.tier, aims.next_tier)
    inner join {{ ref('tier_values') }} as compared
        on
            {{ same_customer('customers', 'compared') }}
            and rules.model = compared.model
            and rules.left_side = compared.left_side
    left join {{ ref('thresholds_in_force') }} as thresholds
        on
            compared.as_of_date = thresholds.as_of_date
            and compared.scope_id = thresholds.scope_id
            and rules.threshold = thresholds.threshold
    left join {{ ref('tier_values') }} as others
        on
            {{ same_customer('customers', 'others') }}
            and rules.model = others.model
            and rules.right_side = others.left_side
)

select
    customer_key,
    as_of_date,
    ruleset,
    model,
    tier,
    rung,
    case when tier = rung then 'holds' else 'next' end as role,
    condition_group,
    measure,
    window_days,
    comparison,
    threshold
from conditions
