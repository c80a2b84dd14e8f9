-- The rung to aim for: the one that the ladder names, else the one ranked above; null
-- on the top rung and where the aim is to get out. One row per model and tier.
{{ config(materialized='view') }}
{% for name in all_tier_models() %}
-- depends_on: {{ ref('tier_' ~ name) }}
{% endfor %}
with named (model, tier, next_tier) as (
    {{ ladder_aims() }}
)

select
    tiers.model,
    tiers.tier,
    case
        when named.next_tier is null then above.tier
        when named.next_tier != 'out' then named.next_tier
    end as next_tier
from {{ ref('tiers') }} as tiers
left join named on tiers.model = named.model and tiers.tier = named.tier
left join {{ ref('tiers') }} as above
    on tiers.model = above.model and tiers.tier_rank - 1 = above.tier_rank
