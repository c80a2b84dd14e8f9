-- What every rung asks beside what the customer has, in the window in force.
-- One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
{% for name in ['customer_tiers', 'medical_tiers'] %}
-- depends_on: {{ ref(name) }}
{% endfor %}
with policy as (
    {{ policy_columns(all_ladder_windows()) }}
),

compared (
    customer_sk, customer_key, as_of_date, ruleset, scope_id, model, condition_number,
    window_days, value, value_code, rival_value
) as (
    {{ ladder_values() }}
)

select
    compared.customer_sk,
    compared.customer_key,
    compared.as_of_date,
    compared.ruleset,
    compared.model,
    rules.rung,
    compared.condition_number,
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
from compared
inner join {{ ref('tier_rules') }} as rules
    on
        compared.model = rules.model
        and compared.condition_number = rules.condition_number
left join {{ ref('thresholds_in_force') }} as thresholds
    on
        compared.as_of_date = thresholds.as_of_date
        and compared.ruleset = thresholds.ruleset
        and compared.scope_id = thresholds.scope_id
        and rules.threshold = thresholds.threshold
