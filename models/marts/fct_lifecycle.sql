-- The lifecycle stage and the measures that decide it.
-- One row per customer and as-of date.
select
    tiers.customer_key,
    tiers.as_of_date,
    tiers.ruleset,
    tiers.lifecycle_tier as stage,
    labels.tier_rank as stage_rank,
    labels.label_en as stage_label_en,
    labels.label_zh as stage_label_zh,
    tiers.first_contact_date,
    cast(tiers.days_since_consumption as integer) as days_since_consumption,
    {% for days in var('measure_windows') %}
        cast(tiers.consumption_days_{{ days }} as integer) as consumption_days_{{ days }},
    {% endfor %}
    cast(tiers.consumption_days_lifetime as integer) as consumption_days_lifetime
from {{ ref('customer_tiers') }} as tiers
left join {{ ref('tiers') }} as labels
    on tiers.lifecycle_tier = labels.tier and labels.model = 'lifecycle'
where tiers.ruleset = '{{ var("ruleset") }}'
