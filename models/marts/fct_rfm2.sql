-- RFM²: the four scores, their weighted sum and the group.
-- One row per customer and as-of date.
select
    tiers.customer_key,
    tiers.as_of_date,
    tiers.ruleset,
    cast(tiers.breadth_score as integer) as breadth_score,
    cast(tiers.interaction_score as integer) as interaction_score,
    cast(tiers.cycle_score as integer) as cycle_score,
    cast(tiers.social_score as integer) as social_score,
    tiers.weighted_score,
    tiers.rfm2_tier as segment,
    labels.label_en as segment_label_en,
    labels.label_zh as segment_label_zh
from {{ ref('customer_tiers') }} as tiers
left join {{ ref('tiers') }} as labels
    on tiers.rfm2_tier = labels.tier and labels.model = 'rfm2'
where tiers.ruleset = '{{ var("ruleset") }}'
