-- One wide row per customer: every model's tier, the labels of the models that people
-- talk about, and the main measures; the active rule set. One row per customer and
-- as-of date.
{%- set models = var('tier_models') | reverse | list %}
{%- set labelled = ['final', 'four_level', 'rfm2', 'lifecycle', 'rfm_segment'] %}
select
    tiers.customer_key,
    tiers.as_of_date,
    tiers.ruleset,
    {% for name in models %}
        tiers.{{ name }}_tier,
        {% if name in labelled %}
            {{ name }}_labels.label_en as {{ name }}_label_en,
            {{ name }}_labels.label_zh as {{ name }}_label_zh,
        {% endif %}
    {% endfor %}
    tiers.clinic_id,
    tiers.department,
    tiers.first_contact_date,
    tiers.first_purchase_date,
    tiers.last_purchase_date,
    cast(tiers.days_since_purchase as integer) as days_since_purchase,
    cast(tiers.days_since_consumption as integer) as days_since_consumption,
    cast(tiers.purchases_365 as integer) as purchases_365,
    cast(tiers.purchases_lifetime as integer) as purchases_lifetime,
    cast(tiers.net_amount_365 as decimal(18, 2)) as net_amount_365,
    cast(tiers.net_amount_lifetime as decimal(18, 2)) as net_amount_lifetime,
    cast(tiers.gross_profit_365 as decimal(18, 2)) as gross_profit_365,
    tiers.average_order_value,
    cast(tiers.categories_lifetime as integer) as categories_lifetime,
    cast(tiers.referrals_made_365 as integer) as referrals_made_365,
    tiers.weighted_score as rfm2_score,
    tiers.clv_amount
from {{ ref('customer_tiers') }} as tiers
{% for name in labelled %}
    left join {{ ref('tiers') }} as {{ name }}_labels
        on
            tiers.{{ name }}_tier = {{ name }}_labels.tier
            and {{ name }}_labels.model = '{{ name }}'
{% endfor %}
where tiers.ruleset = '{{ var("ruleset") }}'
