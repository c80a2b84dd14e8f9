-- All measures of a customer, side by side; zero where nothing happened, null where the
-- feed is missing or there is no such day. One row per customer and as-of date.
select
    scopes.customer_key,
    scopes.as_of_date,
    scopes.scope_id,
    scopes.clinic_id,
    scopes.department,
    scopes.first_contact_date,
    purchase.first_purchase_date,
    purchase.last_purchase_date,
    purchase.days_since_purchase,
    consumption.days_since_consumption,
    visit.days_since_visit,
    purchase.max_order_amount,
    value.average_order_value,
    value.purchases_per_year,
    value.years_retained,
    value.formula_ltv_amount,
    value.clv_amount,
    value.clv_low_amount,
    value.clv_high_amount,
    value.predicted_12m_amount,
    value.clv_growth_rate,
    value.alive_probability,
    value.clv_basis,
    value.clv_fallback,
    case when {{ is_fed('skin_tests') }} then coalesce(skin.skin_tests_lifetime, 0) end
        as skin_tests_lifetime,
    {{ windowed_columns('purchase', 'purchases') }},
    {{ windowed_columns('money', 'net_amount') }},
    {{ windowed_columns('consumption', 'consumption_days') }},
    {{ windowed_columns('breadth', 'categories') }},
    {{ windowed_columns('breadth', 'departments') }},
    {{ windowed_columns('visit', 'visits') }},
    {{ windowed_columns('referral', 'referrals_made', feed='referrals') }},
    {{ windowed_columns('referral', 'referrals_converted', feed='referrals') }}
from {{ ref('customer_scopes') }} as scopes
{% for measures in [
    'purchase', 'money', 'consumption', 'breadth', 'visit', 'referral', 'skin', 'value',
] %}
    left join {{ ref('measures_' ~ measures) }} as {{ measures }}
        on {{ same_customer('scopes', measures) }}
{% endfor %}
