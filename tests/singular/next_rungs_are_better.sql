-- The rung to aim for is ranked above the one held, and its name is right.
{{ config(tags=['proof']) }}
select
    aims.model,
    aims.tier,
    aims.next_tier
from {{ ref('tier_rungs') }} as aims
inner join {{ ref('tiers') }} as held
    on
        aims.model = held.model
        and aims.tier = held.tier
left join {{ ref('tiers') }} as aimed
    on
        aims.model = aimed.model
        and aims.next_tier = aimed.tier
where
    aims.next_tier is not null
    and (aimed.tier_rank is null or aimed.tier_rank >= held.tier_rank)
