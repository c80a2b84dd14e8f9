-- RFM²: the four scores, their weighted sum and the group.
-- One row per customer and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
select
    scores.customer_key,
    scores.as_of_date,
    scores.ruleset,
    cast(scores.breadth_score as integer) as breadth_score,
    cast(scores.interaction_score as integer) as interaction_score,
    cast(scores.cycle_score as integer) as cycle_score,
    cast(scores.social_score as integer) as social_score,
    scores.weighted_score,
    segment.tier as segment,
    labels.label_en as segment_label_en,
    labels.label_zh as segment_label_zh
from {{ ref('rfm2_scores') }} as scores
inner join {{ ref('tier_rfm2') }} as segment
    on {{ same_placement('scores', 'segment') }}
left join {{ ref('tiers') }} as labels
    on segment.tier = labels.tier and labels.model = 'rfm2'
where scores.ruleset = '{{ var("ruleset") }}'
