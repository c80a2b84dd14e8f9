-- Recency, frequency, amount, depth: values, classes, scores and segment.
-- One row per customer and as-of date.
select
    tiers.customer_key,
    tiers.as_of_date,
    tiers.ruleset,
    cast(tiers.days_since_purchase as integer) as days_since_purchase,
    cast(tiers.purchases_365 as integer) as purchases_365,
    cast(tiers.net_amount_365 as decimal(18, 2)) as net_amount_365,
    cast(tiers.categories_lifetime as integer) as categories_lifetime,
    tiers.rfm_recency_tier as recency_class,
    tiers.rfm_frequency_tier as frequency_class,
    tiers.rfm_monetary_tier as monetary_class,
    tiers.rfm_depth_tier as depth_class,
    cast(tiers.recency_score as integer) as recency_score,
    cast(tiers.frequency_score as integer) as frequency_score,
    cast(tiers.monetary_score as integer) as monetary_score,
    tiers.rfm_segment_tier as segment,
    labels.label_en as segment_label_en,
    labels.label_zh as segment_label_zh
from {{ ref('customer_tiers') }} as tiers
left join {{ ref('tiers') }} as labels
    on tiers.rfm_segment_tier = labels.tier and labels.model = 'rfm_segment'
where tiers.ruleset = '{{ var("ruleset") }}'
