-- The tiers that the ladders give and those that tiers.csv labels are the same.
-- depends_on: {{ ref('tiers') }}
{{ config(tags=['proof']) }}
{% for name in all_tier_models() %}
-- depends_on: {{ ref('tier_' ~ name) }}
{% endfor %}
with ladders (model, tier) as (
    {{ ladder_tiers() }}
)

select
    ladders.model as model_in_ladder,
    ladders.tier as tier_in_ladder,
    tiers.model as model_in_seed,
    tiers.tier as tier_in_seed
from ladders
full outer join {{ ref('tiers') }} as tiers
    on ladders.model = tiers.model and ladders.tier = tiers.tier
where ladders.tier is null or tiers.tier is null
