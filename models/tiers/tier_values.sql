-- What the rungs look at: every measure that a ladder compares, in the window in force.
-- One row per customer, as-of date, rule set, model and measure compared.
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
    customer_key, as_of_date, ruleset, scope_id, model, left_side, window_days, value,
    value_code
) as (
    {{ ladder_values() }}
)

select
    customer_key,
    as_of_date,
    ruleset,
    scope_id,
    model,
    left_side,
    window_days,
    value,
    value_code
from compared
