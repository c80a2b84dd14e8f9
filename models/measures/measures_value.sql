-- Customer lifetime value (CLV): the value so far plus what the model named by
-- clv_basis expects over the horizon; the formula of article 002 where no fit can be
-- used. One row per buyer and as-of date.
with valued as (
    select
        formula.*,
        predictions.alive_probability,
        coalesce(predictions.predicted_12m_amount, formula.formula_12m_amount)
            as predicted_12m_amount,
        predictions.predicted_horizon_amount,
        predictions.predicted_low_amount,
        predictions.predicted_high_amount,
        coalesce(predictions.clv_basis, 'formula') as clv_basis,
        case
            when '{{ var("clv_model") }}' = 'formula' then null
            when predictions.clv_basis is null then fits.not_usable_because
            when predictions.clv_basis != '{{ var("clv_model") }}' then 'short_history'
            when predictions.attempt > 1 then 'earlier_fit'
        end as clv_fallback
    from {{ ref('formula_values') }} as formula
    left join {{ ref('clv_predictions') }} as predictions
        on {{ same_customer('formula', 'predictions') }}
    left join {{ ref('clv_fits_in_use') }} as fits
        on formula.as_of_date = fits.as_of_date
)

select
    customer_key,
    as_of_date,
    average_order_value,
    purchases_per_year,
    years_retained,
    formula_ltv_amount,
    formula_ltv_profit,
    cast(
        coalesce(net_amount_lifetime + predicted_horizon_amount, formula_ltv_amount)
        as decimal(18, 2)
    ) as clv_amount,
    cast(
        net_amount_lifetime + least(predicted_low_amount, predicted_horizon_amount)
        as decimal(18, 2)
    ) as clv_low_amount,
    cast(
        net_amount_lifetime + greatest(predicted_high_amount, predicted_horizon_amount)
        as decimal(18, 2)
    ) as clv_high_amount,
    predicted_12m_amount,
    cast(
        predicted_12m_amount / case when net_amount_365 > 0 then net_amount_365 end - 1
        as decimal(18, 4)
    ) as clv_growth_rate,
    alive_probability,
    clv_basis,
    clv_fallback
from valued
