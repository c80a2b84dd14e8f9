-- The tiers that the ladders give and those that tiers.csv labels are the same.
-- depends_on: {{ ref('tiers') }}
{%- for name in var('tier_models') %}
-- depends_on: {{ ref('tier_' ~ name) }}
{%- endfor %}
with ladders as (
    {%- for node in ladder_nodes() %}{% set ladder = node.config.meta.ladder %}
    {%- for rung in ladder.rungs %}
    select
        '{{ ladder.model }}' as model,
        '{{ rung.tier }}' as tier
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    ladders.model as model_in_ladder,
    ladders.tier as tier_in_ladder,
    tiers.model as model_in_seed,
    tiers.tier as tier_in_seed
from ladders
full outer join {{ ref('tiers') }} as tiers
    on ladders.model = tiers.model
    and ladders.tier = tiers.tier
where ladders.tier is null
    or tiers.tier is null
