-- All measures of a customer, side by side, and the scope that judges them: the last
-- department, the home clinic. Zero where nothing happened, null where the feed is missing or
-- there is no such day. One row per customer known by the as-of date.
{{ config(materialized='table') }}
{%- set feeds = [
    'skin_tests', 'referrals', 'interactions', 'outreach', 'visits', 'categories',
    'departments',
] %}
with fed as (
    select
        {% for feed in feeds %}
            {{ is_fed(feed) }} as {{ feed }}{{ ',' if not loop.last }}
        {% endfor %}
),

known as (
    select
        profiles.*,
        profiles.home_clinic_id as clinic_id,
        dates.as_of_date,
        visit.last_department as department
    from {{ ref('customer_profiles') }} as profiles
    inner join {{ ref('as_of_dates') }} as dates
        on profiles.first_contact_date <= dates.as_of_date
    left join {{ ref('measures_visit') }} as visit
        on
            profiles.customer_sk = visit.customer_sk
            and dates.as_of_date = visit.as_of_date
),

measured as (
    select
        known.customer_sk,
        known.customer_key,
        known.as_of_date,
        scopes.scope_id,
        known.clinic_id,
        known.department,
        known.motivation,
        known.first_contact_date,
        cast(known.source_records as integer) as source_records,
        known.acquisition_channel,
        cast({{ days_between('known.first_contact_date', 'known.as_of_date') }} as integer)
            as tenure_days,
        {{ columns_of('purchase', [
            'first_purchase_date', 'last_purchase_date', 'days_since_purchase',
            'max_order_amount', 'days_to_second_purchase', 'purchase_gap_median_days',
            'discounted_purchase_share', 'average_discount_share',
        ]) }},
        {{ columns_of('visit', [
            'days_since_consumption', 'days_since_visit', 'days_since_treatment',
        ]) }},
        coalesce(purchase.purchase_gap_median_days, breadth.item_cycle_days)
            as expected_cycle_days,
        case when fed.categories then coalesce(breadth.max_category_purchases, 0) end
            as max_category_purchases,
        coalesce(purchase.priced_purchases_lifetime, 0) as priced_purchases_lifetime,
        {{ columns_of('engagement', ['latest_nps_score', 'latest_csat_score']) }},
        {{ columns_of('value', [
            'average_order_value', 'purchases_per_year', 'years_retained',
            'formula_ltv_amount', 'formula_ltv_profit', 'clv_amount', 'clv_low_amount',
            'clv_high_amount', 'predicted_12m_amount', 'clv_growth_rate',
            'alive_probability', 'clv_basis', 'clv_fallback',
        ]) }},
        coalesce(value.days_as_buyer, 0) as days_as_buyer,
        case when fed.skin_tests then coalesce(medical.skin_tests_lifetime, 0) end
            as skin_tests_lifetime,
        {{ windowed_columns('purchase', 'purchases') }},
        {{ windowed_columns('money', 'net_amount') }},
        {{ windowed_columns('money', 'earning_amount') }},
        {{ windowed_columns('money', 'gross_profit') }},
        {{ windowed_columns('visit', 'consumption_days') }},
        {{ windowed_columns('breadth', 'categories', fed='fed.categories') }},
        {{ windowed_columns('breadth', 'departments', fed='fed.departments') }},
        {{ windowed_columns('visit', 'visits', fed='fed.visits') }},
        {{ windowed_columns('social', 'referrals_made', fed='fed.referrals') }},
        {{ windowed_columns('social', 'referrals_converted', fed='fed.referrals') }},
        {{ columns_of('social', held_names('referral_conversion_rate')) }},
        {{ windowed_columns('engagement', 'interactions', fed='fed.interactions') }},
        {{ windowed_columns('engagement', 'live_interactions', fed='fed.interactions') }},
        {{ windowed_columns('engagement', 'responses', fed='fed.outreach') }}
    from known
    cross join fed
    inner join {{ ref('policy_scopes') }} as scopes
        on {{ falls_under('known', 'scopes') }}
    {% for subject in [
        'purchase', 'money', 'visit', 'breadth', 'engagement', 'medical', 'social',
        'value',
    ] %}
        left join {{ ref('measures_' ~ subject) }} as {{ subject }}
            on {{ same_customer('known', subject) }}
    {% endfor %}
)

select
    *,
    {{ exact_ratio(
        'greatest(days_since_purchase - expected_cycle_days, 0)', 'expected_cycle_days', 4
    ) }} as cycle_deviation_share
from measured
