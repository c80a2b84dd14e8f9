-- Why a customer stands where she stands, and what the next rung asks of her.
-- One row per customer, model and condition of her own rung or the next one.
{{ config(materialized='view') }}
{% for name in var('tier_models') -%}
-- depends_on: {{ ref('tier_' ~ name) }}
{% endfor -%}
-- depends_on: {{ ref('customer_measures') }} {{ ref('rfm_scores') }} {{ ref('final_inputs') }}
-- depends_on: {{ ref('thresholds_in_force') }} {{ ref('tiers') }}
with conditions as (
    {% for node in ladder_nodes() -%}
    {{ ladder_conditions(node) }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    *,
    case
        when is_met then 0
        when comparison in ('>=', '>') then target - coalesce(value, 0)
        when comparison in ('<=', '<') then value - target
    end as gap
from conditions
