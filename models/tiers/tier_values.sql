-- What the rungs look at: the measure of every condition, in the window in force.
-- One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
{% for name in all_tier_models() %}
-- depends_on: {{ ref('tier_' ~ name) }}
{% endfor %}
{% for name in var('tier_inputs') %}
-- depends_on: {{ ref(name) }}
{% endfor %}
with policy as (
    {{ policy_columns(all_ladder_windows()) }}
),

compared (
    customer_key, as_of_date, ruleset, scope_id, model, condition_number,
    window_days, value, value_code, rival_value
) as (
    {{ ladder_values() }}
)

select
    customer_key,
    as_of_date,
    ruleset,
    scope_id,
    model,
    condition_number,
    window_days,
    value,
    value_code,
    rival_value
from compared
