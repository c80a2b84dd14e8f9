-- One wide row per customer: every model's tier, the labels of the models that people
-- talk about, and the main measures; the active rule set. One row per customer and
-- as-of date.
{{ config(meta={'recompute': 'customer'}) }}
{%- set models = var('tier_models') | reverse | list %}
{%- set labelled = ['final', 'four_level', 'rfm2', 'lifecycle', 'rfm_segment'] %}
select
    measures.customer_key,
    measures.as_of_date,
    final.ruleset,
    {% for name in models %}
        {{ name }}.tier as {{ name }}_tier,
        {% if name in labelled %}
            {{ name }}_labels.label_en as {{ name }}_label_en,
            {{ name }}_labels.label_zh as {{ name }}_label_zh,
        {% endif %}
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
    cast(measures.gross_profit_365 as decimal(18, 2)) as gross_profit_365,
    measures.average_order_value,
    cast(measures.categories_lifetime as integer) as categories_lifetime,
    cast(measures.referrals_made_365 as integer) as referrals_made_365,
    rfm2_scores.weighted_score as rfm2_score,
    measures.clv_amount
from {{ ref('customer_measures') }} as measures
inner join {{ ref('tier_final') }} as final
    on
        {{ same_customer('measures', 'final') }}
        and final.ruleset = '{{ var("ruleset") }}'
{% for name in models if name != 'final' %}
    inner join {{ ref('tier_' ~ name) }} as {{ name }}
        on {{ same_placement('final', name) }}
{% endfor %}
inner join {{ ref('rfm2_scores') }} as rfm2_scores
    on {{ same_placement('final', 'rfm2_scores') }}
{% for name in labelled %}
    left join {{ ref('tiers') }} as {{ name }}_labels
        on
            {{ name }}.tier = {{ name }}_labels.tier
            and {{ name }}_labels.model = '{{ name }}'
{% endfor %}
