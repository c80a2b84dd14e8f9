-- The lifecycle stage and the measures that decide it.
-- One row per customer and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
with lifecycle (customer_key, as_of_date, ruleset, stage, stage_rank) as (
    select
        customer_key,
        as_of_date,
        ruleset,
        tier,
        tier_rank
    from {{ ref('tier_lifecycle') }}
    where ruleset = '{{ var("ruleset") }}'
)

select
    measures.customer_key,
    measures.as_of_date,
    lifecycle.ruleset,
    lifecycle.stage,
    lifecycle.stage_rank,
    labels.label_en as stage_label_en,
    labels.label_zh as stage_label_zh,
    measures.first_contact_date,
    cast(measures.days_since_consumption as integer) as days_since_consumption,
    {% for days in var('measure_windows') %}
        cast(measures.consumption_days_{{ days }} as integer)
            as consumption_days_{{ days }},
    {% endfor %}
    cast(measures.consumption_days_lifetime as integer) as consumption_days_lifetime
from {{ ref('customer_measures') }} as measures
inner join lifecycle on {{ same_customer('measures', 'lifecycle') }}
left join {{ ref('tiers') }} as labels
    on lifecycle.stage = labels.tier and labels.model = 'lifecycle'
