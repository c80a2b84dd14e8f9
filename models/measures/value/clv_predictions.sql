-- What a customer is expected to spend, by the model that clv_model names or the one it
-- falls back to. One row per buyer and as-of date on which a fit can be used.
{{ config(meta={'recompute': 'everything'}) }}
with expected as (
    select
        histories.as_of_date,
        histories.customer_key,
        {{ 'fits.clv_blend_share' if var('clv_model') == 'blend' else 1 }}
            as challenger_share,
        scores.alive_probability,
        scores.purchases_year,
        scores.purchases_horizon,
        scores.purchases_low,
        scores.purchases_high,
        challenger.predicted_amount as challenger_amount,
        fits.attempt,
        fits.p * (fits.v + histories.purchase_days * histories.mean_amount)
        / (fits.p * histories.purchase_days + fits.q - 1) as spend
    from {{ ref('clv_histories') }} as histories
    inner join {{ ref('clv_fits_in_use') }} as fits
        on histories.as_of_date = fits.as_of_date
    inner join {{ ref('clv_scores') }} as scores
        on
            histories.as_of_date = scores.as_of_date
            and histories.repeat_days = scores.repeat_days
            and histories.recency_days = scores.recency_days
            and histories.age_days = scores.age_days
    left join {{ ref('clv_challenger_predictions') }} as challenger
        on {{ same_customer('histories', 'challenger') }}
    where '{{ var("clv_model") }}' != 'formula'
),

weighed as (
    select
        *,
        case
            when challenger_amount is null then purchases_year * spend
            else
                challenger_amount * challenger_share
                + purchases_year * spend * (1 - challenger_share)
        end / nullif(purchases_year, 0) as amount_per_purchase
    from expected
)

select
    as_of_date,
    customer_key,
    cast(alive_probability as decimal(9, 6)) as alive_probability,
    cast(coalesce(amount_per_purchase * purchases_year, 0) as decimal(18, 2))
        as predicted_12m_amount,
    cast(coalesce(amount_per_purchase * purchases_horizon, 0) as decimal(18, 2))
        as predicted_horizon_amount,
    cast(coalesce(amount_per_purchase * purchases_low, 0) as decimal(18, 2))
        as predicted_low_amount,
    cast(coalesce(amount_per_purchase * purchases_high, 0) as decimal(18, 2))
        as predicted_high_amount,
    case when challenger_amount is null then 'mbg_gg' else '{{ var("clv_model") }}' end
        as clv_basis,
    attempt
from weighed
