-- What every rung asks beside what the customer has.
-- One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
select
    customers.customer_key,
    customers.as_of_date,
    customers.ruleset,
    customers.model,
    customers.tier,
    aims.next_tier,
    rules.rung,
    rules.condition_number,
    rules.condition_group,
    rules.measure,
    compared.window_days,
    rules.comparison,
    rules.asks_for,
    rules.threshold,
    compared.value,
    compared.value_code,
    rules.target_code,
    coalesce(thresholds.value, compared.rival_value) as target_value
from {{ ref('tier_membership') }} as customers
inner join {{ ref('tier_aims') }} as aims
    on customers.model = aims.model and customers.tier = aims.tier
inner join {{ ref('tier_rules') }} as rules
    on aims.model = rules.model
inner join {{ ref('tier_values') }} as compared
    on
        {{ same_placement('customers', 'compared') }}
        and rules.model = compared.model
        and rules.condition_number = compared.condition_number
left join {{ ref('thresholds_in_force') }} as thresholds
    on
        compared.as_of_date = thresholds.as_of_date
        and compared.ruleset = thresholds.ruleset
        and compared.scope_id = thresholds.scope_id
        and rules.threshold = thresholds.threshold
