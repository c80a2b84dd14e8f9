-- The rung to aim for: the one that the ladder names, else the one ranked above.
-- One row per model and tier; null on the top rung.
{{ config(materialized='view') }}
{% for name in var('tier_models') %}
-- depends_on: {{ ref('tier_' ~ name) }}
{% endfor %}
with named (model, tier, next_tier) as (
    {{ ladder_aims() }}
)

select
    tiers.model,
    tiers.tier,
    coalesce(named.next_tier, above.tier) as next_tier
from {{ ref('tiers') }} as tiers
left join named on tiers.model = named.model and tiers.tier = named.tier
left join {{ ref('tiers') }} as above
    on tiers.model = above.model and tiers.tier_rank - 1 = above.tier_rank
