-- Customer lifetime value (CLV): net amount so far plus what clv_basis expects; where no fit
-- can be used the formula of article 002. One row per buyer and as-of date.
{{ config(materialized='table') }}
{%- set asked, trees = var('clv_model'), clv_asks_challenger() %}
{%- set span = days_between('purchase.first_purchase_date', 'purchase.last_purchase_date') %}
with bought as (
    select
        purchase.customer_sk,
        purchase.as_of_date,
        purchase.purchases_lifetime,
        money.net_amount_365,
        money.net_amount_lifetime,
        money.gross_profit_lifetime,
        {{ days_between('purchase.first_purchase_date', 'purchase.as_of_date') }} as days_as_buyer,
        -- Years retained times 365.25: from the first purchase to the last, at least one.
        greatest(cast({{ span }} as decimal(9, 2)), {{ days_per_year() }}) as days_retained
    from {{ ref('measures_purchase') }} as purchase
    inner join {{ ref('measures_money') }} as money on {{ same_customer('purchase', 'money') }}
),

expected as (
    select
        bought.*,
        fits.not_usable_because,
        fits.attempt,
        scores.alive_probability,
        scores.purchases_year,
        scores.purchases_horizon,
        scores.purchases_low,
        scores.purchases_high,
        {{ expected_spend('fits', 'histories') }} as spend,
        fits.p is null as is_own_mean,
        {{ 'fits.clv_blend_share' if asked == 'blend' else 1 }} as challenger_share,
        {{ 'challenger.predicted_amount' if trees else 'cast(null as double)' }}
            as challenger_amount
    from bought
    left join {{ ref('clv_histories') }} as histories
        on {{ same_customer('bought', 'histories') }}
    left join {{ ref('clv_fits_in_use') }} as fits on bought.as_of_date = fits.as_of_date
    left join {{ ref('clv_scores') }} as scores
        on
            histories.as_of_date = scores.as_of_date
            and histories.repeat_days = scores.repeat_days
            and histories.recency_days = scores.recency_days
            and histories.age_days = scores.age_days
            and '{{ asked }}' != 'formula'
    {% if trees %}
        left join {{ ref('customer_profiles') }} as profiles
            on bought.customer_sk = profiles.customer_sk
        left join {{ ref('clv_challenger_predictions') }} as challenger
            on
                profiles.customer_key = challenger.customer_key
                and bought.as_of_date = challenger.as_of_date
    {% endif %}
),

weighed as (
    select
        *,
        coalesce(
            challenger_amount * challenger_share
            + purchases_year * spend * (1 - challenger_share),
            purchases_year * spend
        ) / nullif(purchases_year, 0) as amount_per_purchase,
        {{ exact_ratio('net_amount_lifetime * ' ~ days_per_year(), 'days_retained', 2) }}
            as formula_12m_amount
    from expected
),

predicted as (
    select
        *,
        {% for name in ['year', 'horizon', 'low', 'high'] %}
            cast(
                case
                    when alive_probability is not null
                        then coalesce(amount_per_purchase * purchases_{{ name }}, 0)
                end as decimal(18, 2)
            ) as {{ name }}_amount,
        {% endfor %}
        case
            when alive_probability is null then 'formula'
            when challenger_amount is null then 'mbg_gg'
            else '{{ asked }}'
        end as clv_basis
    from weighed
)

select
    customer_sk,
    as_of_date,
    {{ exact_ratio('net_amount_lifetime', 'purchases_lifetime', 2) }} as average_order_value,
    {{ exact_ratio('purchases_lifetime * ' ~ days_per_year(), 'days_retained', 4) }}
        as purchases_per_year,
    {{ exact_ratio('days_retained', days_per_year(), 4) }} as years_retained,
    -- Order value × purchases a year × years: on past orders the terms cancel.
    net_amount_lifetime as formula_ltv_amount,
    gross_profit_lifetime as formula_ltv_profit,
    coalesce(cast(net_amount_lifetime + horizon_amount as decimal(18, 2)), net_amount_lifetime)
        as clv_amount,
    cast(net_amount_lifetime + least(low_amount, horizon_amount) as decimal(18, 2))
        as clv_low_amount,
    cast(net_amount_lifetime + greatest(high_amount, horizon_amount) as decimal(18, 2))
        as clv_high_amount,
    coalesce(year_amount, formula_12m_amount) as predicted_12m_amount,
    {{ share_cut_off(
        '(coalesce(year_amount, formula_12m_amount) - net_amount_365)',
        'case when days_as_buyer >= 365 and net_amount_365 > 0 then net_amount_365 end', 'decimal(18, 4)'
    ) }} as clv_growth_rate,
    days_as_buyer,
    cast(alive_probability as decimal(9, 6)) as alive_probability,
    clv_basis,
    case
        when '{{ asked }}' = 'formula' then null
        when clv_basis = 'formula' then not_usable_because
        when clv_basis != '{{ asked }}' then 'short_history'
        when is_own_mean then 'own_mean_amount'
        when attempt > 1 then 'earlier_fit'
    end as clv_fallback
from predicted
