-- What every rung asks beside what the customer has, with the tier held and the next one.
-- One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
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
    compared.threshold,
    compared.value,
    compared.value_code,
    compared.target_code,
    compared.target_value,
    customers.tier,
    rungs.next_tier
from {{ ref('tier_membership') }} as customers
inner join {{ ref('tier_rungs') }} as rungs
    on customers.model = rungs.model and customers.tier = rungs.tier
inner join {{ ref('tier_values') }} as compared
    on {{ same_ladder('customers', 'compared') }}
