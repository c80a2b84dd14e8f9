-- What the rungs look at: every measure that a ladder compares, in the window in force.
-- One row per customer, as-of date, model and measure compared.
{{ config(materialized='view') }}
{% for name in var('tier_models') %}
-- depends_on: {{ ref('tier_' ~ name) }}
{% endfor %}
-- depends_on: {{ ref('customer_measures') }} {{ ref('rfm_scores') }}
-- depends_on: {{ ref('final_inputs') }} {{ ref('thresholds_in_force') }}
with policy as (
    {{ policy_columns(all_ladder_windows()) }}
),

compared (
    customer_key, as_of_date, scope_id, model, left_side, window_days, value, value_code
) as (
    {{ ladder_values() }}
)

select
    customer_key,
    as_of_date,
    scope_id,
    model,
    left_side,
    window_days,
    value,
    value_code
from compared
