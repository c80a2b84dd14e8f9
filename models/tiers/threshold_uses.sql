-- Which thresholds decide a tier model, in its ladder or in what the ladder reads.
-- One row per tier model, threshold and dbt model that reads it.
{{ config(materialized='view') }}
{% for name in all_tier_models() %}
-- depends_on: {{ ref('tier_' ~ name) }}
{% endfor %}
with uses (model, threshold, used_by) as (
    {{ ladder_uses() }}
)

select
    model,
    threshold,
    used_by
from uses
