-- The tiers that the headline tier is made of.
-- One row per customer, as-of date and rule set.
select
    four_level.customer_key,
    four_level.as_of_date,
    four_level.ruleset,
    scopes.scope_id,
    four_level.tier as four_level_tier,
    rfm2.tier as rfm2_tier,
    rfm_segment.tier as rfm_segment_tier,
    lifecycle.tier as lifecycle_tier
from {{ ref('tier_four_level') }} as four_level
inner join {{ ref('customer_scopes') }} as scopes
    on {{ same_customer('four_level', 'scopes') }}
{% for name in ['rfm2', 'rfm_segment', 'lifecycle'] %}
    inner join {{ ref('tier_' ~ name) }} as {{ name }}
        on {{ same_placement('four_level', name) }}
{% endfor %}
