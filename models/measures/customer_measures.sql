-- All measures of a customer, side by side; zero where nothing happened, null where the
-- feed is missing or there is no such day. One row per customer and as-of date.
{{ config(meta={'in_parts': true}) }}
select
    scopes.customer_key,
    scopes.as_of_date,
    scopes.scope_id,
    scopes.clinic_id,
    scopes.department,
    scopes.motivation,
    scopes.first_contact_date,
    date_diff('day', scopes.first_contact_date, scopes.as_of_date) as tenure_days,
    purchase.first_purchase_date,
    purchase.last_purchase_date,
    purchase.days_since_purchase,
    consumption.days_since_consumption,
    visit.days_since_visit,
    visit.days_since_treatment,
    purchase.max_order_amount,
    rhythm.days_to_second_purchase,
    rhythm.purchase_gap_median_days,
    rhythm.expected_cycle_days,
    rhythm.cycle_deviation_share,
    coalesce(breadth.max_category_purchases, 0) as max_category_purchases,
    coalesce(discount.priced_purchases_lifetime, 0) as priced_purchases_lifetime,
    discount.discounted_purchase_share,
    discount.average_discount_share,
    voice.latest_nps_score,
    voice.latest_csat_score,
    {{ columns_of('value', [
        'average_order_value', 'purchases_per_year', 'years_retained',
        'formula_ltv_amount', 'formula_ltv_profit', 'clv_amount', 'clv_low_amount',
        'clv_high_amount', 'predicted_12m_amount', 'clv_growth_rate', 'alive_probability',
        'clv_basis', 'clv_fallback',
    ]) }},
    case when {{ is_fed('skin_tests') }} then coalesce(skin.skin_tests_lifetime, 0) end
        as skin_tests_lifetime,
    {{ windowed_columns('purchase', 'purchases') }},
    {{ windowed_columns('money', 'net_amount') }},
    {{ windowed_columns('profit', 'gross_profit') }},
    {{ windowed_columns('consumption', 'consumption_days') }},
    {{ windowed_columns('breadth', 'categories') }},
    {{ windowed_columns('breadth', 'departments') }},
    {{ windowed_columns('visit', 'visits') }},
    {{ windowed_columns('referral', 'referrals_made', feed='referrals') }},
    {{ windowed_columns('referral', 'referrals_converted', feed='referrals') }},
    {{ windowed_shares(
        'referral', 'referrals_converted', 'referrals_made', 'referral_conversion_rate'
    ) }},
    {{ windowed_columns('interaction', 'interactions', feed='interactions') }},
    {{ windowed_columns('interaction', 'live_interactions', feed='interactions') }},
    {{ windowed_columns('outreach', 'responses', feed='outreach') }}
from {{ ref('customer_scopes') }} as scopes
{% for measures in [
    'purchase', 'money', 'profit', 'consumption', 'breadth', 'rhythm', 'discount',
    'visit', 'referral', 'interaction', 'outreach', 'voice', 'skin', 'value',
] %}
    left join {{ ref('measures_' ~ measures) }} as {{ measures }}
        on {{ same_customer('scopes', measures) }}
{% endfor %}
