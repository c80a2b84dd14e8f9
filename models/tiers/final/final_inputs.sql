-- The tiers that the headline tier is made of.
-- One row per customer and as-of date.
select
    measures.customer_key,
    measures.as_of_date,
    measures.scope_id,
    measures.purchases_lifetime,
    four_level.tier as four_level_tier,
    rfm_segment.tier as rfm_segment_tier,
    lifecycle.tier as lifecycle_tier
from {{ ref('customer_measures') }} as measures
inner join {{ ref('tier_four_level') }} as four_level
    on {{ same_customer('measures', 'four_level') }}
inner join {{ ref('tier_rfm_segment') }} as rfm_segment
    on {{ same_customer('measures', 'rfm_segment') }}
inner join {{ ref('tier_lifecycle') }} as lifecycle
    on {{ same_customer('measures', 'lifecycle') }}
