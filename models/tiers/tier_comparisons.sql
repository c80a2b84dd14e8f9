-- What a rung asks beside what the customer has, for her own rung and the next one.
-- One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
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
    rules.asks_for,
    rules.threshold,
    compared.value,
    compared.value_code,
    rules.target_code,
    coalesce(thresholds.value, rivals.value) as target_value
from {{ ref('tier_membership') }} as customers
inner join {{ ref('tier_aims') }} as aims
    on customers.model = aims.model and customers.tier = aims.tier
inner join {{ ref('tier_rules') }} as rules
    on aims.model = rules.model and rules.rung in (aims.tier, aims.next_tier)
inner join {{ ref('tier_values') }} as compared
    on
        {{ same_placement('customers', 'compared') }}
        and rules.model = compared.model
        and rules.left_side = compared.left_side
left join {{ ref('thresholds_in_force') }} as thresholds
    on
        compared.as_of_date = thresholds.as_of_date
        and compared.ruleset = thresholds.ruleset
        and compared.scope_id = thresholds.scope_id
        and rules.threshold = thresholds.threshold
left join {{ ref('tier_values') }} as rivals
    on
        {{ same_placement('customers', 'rivals') }}
        and rules.model = rivals.model
        and rules.right_side = rivals.left_side
