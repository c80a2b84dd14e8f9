-- One wide row per customer: every model's tier with its labels, and the main measures.
-- One row per customer and as-of date.
{%- set models = var('tier_models') | reverse | list %}
select
    measures.customer_key,
    measures.as_of_date,
    {{ models[0] }}.ruleset,
    {% for name in models %}
        {{ name }}.tier as {{ name }}_tier,
        {{ name }}_labels.label_en as {{ name }}_label_en,
        {{ name }}_labels.label_zh as {{ name }}_label_zh,
    {% endfor %}
    measures.clinic_id,
    measures.department,
    measures.first_contact_date,
    measures.first_purchase_date,
    measures.last_purchase_date,
    cast(measures.days_since_purchase as integer) as days_since_purchase,
    cast(measures.days_since_consumption as integer) as days_since_consumption,
    cast(measures.purchases_365 as integer) as purchases_365,
    cast(measures.purchases_lifetime as integer) as purchases_lifetime,
    cast(measures.net_amount_365 as decimal(18, 2)) as net_amount_365,
    cast(measures.net_amount_lifetime as decimal(18, 2)) as net_amount_lifetime,
    measures.average_order_value,
    cast(measures.categories_lifetime as integer) as categories_lifetime,
    cast(measures.referrals_made_365 as integer) as referrals_made_365,
    measures.clv_amount
from {{ ref('customer_measures') }} as measures
{% for name in models %}
    inner join {{ ref('tier_' ~ name) }} as {{ name }}
        on {{ same_customer('measures', name) }}
    left join {{ ref('tiers') }} as {{ name }}_labels
        on
            {{ name }}.tier = {{ name }}_labels.tier
            and {{ name }}_labels.model = '{{ name }}'
{% endfor %}
