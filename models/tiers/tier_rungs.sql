-- The rungs of every ladder in the order in which they are tried.
-- One row per model and tier.
{{ config(materialized='view') }}
{% for name in all_tier_models() %}
-- depends_on: {{ ref('tier_' ~ name) }}
{% endfor %}
with rungs (model, tier, rung_number, is_last, is_left) as (
    {{ ladder_rungs() }}
)

select
    model,
    tier,
    rung_number,
    is_last,
    is_left
from rungs
