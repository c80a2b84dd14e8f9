-- The lifecycle stage and the measures that decide it.
-- One row per customer and as-of date.
select
    measures.customer_key,
    measures.as_of_date,
    lifecycle.ruleset,
    lifecycle.tier as stage,
    lifecycle.tier_rank as stage_rank,
    labels.label_en as stage_label_en,
    labels.label_zh as stage_label_zh,
    measures.first_contact_date,
    cast(measures.days_since_consumption as integer) as days_since_consumption,
    {%- for days in [90, 120, 180] %}
    cast(measures.consumption_days_{{ days }} as integer) as consumption_days_{{ days }},
    {%- endfor %}
    cast(measures.consumption_days_lifetime as integer) as consumption_days_lifetime
from {{ ref('customer_measures') }} as measures
inner join {{ ref('tier_lifecycle') }} as lifecycle using (customer_key, as_of_date)
left join {{ ref('tiers') }} as labels
    on lifecycle.tier = labels.tier
    and labels.model = 'lifecycle'
