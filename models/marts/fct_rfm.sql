-- Recency, frequency, amount, depth: values, classes, scores and segment.
-- One row per customer and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
select
    measures.customer_key,
    measures.as_of_date,
    segment.ruleset,
    cast(measures.days_since_purchase as integer) as days_since_purchase,
    cast(measures.purchases_365 as integer) as purchases_365,
    cast(measures.net_amount_365 as decimal(18, 2)) as net_amount_365,
    cast(measures.categories_lifetime as integer) as categories_lifetime,
    recency.tier as recency_class,
    frequency.tier as frequency_class,
    monetary.tier as monetary_class,
    depths.tier as depth_class,
    cast(scores.recency_score as integer) as recency_score,
    cast(scores.frequency_score as integer) as frequency_score,
    cast(scores.monetary_score as integer) as monetary_score,
    segment.tier as segment,
    labels.label_en as segment_label_en,
    labels.label_zh as segment_label_zh
from {{ ref('customer_measures') }} as measures
inner join {{ ref('rfm_scores') }} as scores
    on
        {{ same_customer('measures', 'scores') }}
        and scores.ruleset = '{{ var("ruleset") }}'
inner join {{ ref('tier_rfm_recency') }} as recency
    on {{ same_placement('scores', 'recency') }}
inner join {{ ref('tier_rfm_frequency') }} as frequency
    on {{ same_placement('scores', 'frequency') }}
inner join {{ ref('tier_rfm_monetary') }} as monetary
    on {{ same_placement('scores', 'monetary') }}
inner join {{ ref('tier_rfm_depth') }} as depths
    on {{ same_placement('scores', 'depths') }}
inner join {{ ref('tier_rfm_segment') }} as segment
    on {{ same_placement('scores', 'segment') }}
left join {{ ref('tiers') }} as labels
    on segment.tier = labels.tier and labels.model = 'rfm_segment'
