-- The rungs of every ladder in the order in which they are tried, and the one to aim
-- for: which the ladder names, else the one ranked above; null on the top rung and
-- where the aim is to get out. One row per model and tier.
{{ config(materialized='view') }}
with rungs (model, tier, rung_number, is_last, is_left, named_tier) as (
    {{ ladder_rungs() }}
)

select
    rungs.model,
    rungs.tier,
    rungs.rung_number,
    rungs.is_last,
    rungs.is_left,
    case
        when not rungs.is_left then coalesce(rungs.named_tier, above.tier)
    end as next_tier
from rungs
left join {{ ref('tiers') }} as held
    on rungs.model = held.model and rungs.tier = held.tier
left join {{ ref('tiers') }} as above
    on held.model = above.model and held.tier_rank - 1 = above.tier_rank
