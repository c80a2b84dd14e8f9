-- Customer lifetime value (LTV) by the formula of article 002: AOV × purchases a year ×
-- years, in money and in profit. Years: first purchase to last, at least one.
-- One row per buyer and as-of date.
with spans as (
    select
        purchase.customer_key,
        purchase.as_of_date,
        purchase.purchases_lifetime,
        amounts.net_amount_365,
        amounts.net_amount_lifetime,
        profits.gross_profit_lifetime,
        greatest(
            date_diff('day', purchase.first_purchase_date, purchase.last_purchase_date)
            / {{ days_per_year() }},
            1
        ) as years_retained
    from {{ ref('measures_purchase') }} as purchase
    inner join {{ ref('measures_money') }} as amounts
        on {{ same_customer('purchase', 'amounts') }}
    inner join {{ ref('measures_profit') }} as profits
        on {{ same_customer('purchase', 'profits') }}
),

rates as (
    select
        *,
        net_amount_lifetime / purchases_lifetime as average_order_value,
        gross_profit_lifetime / purchases_lifetime as average_order_profit,
        purchases_lifetime / years_retained as purchases_per_year
    from spans
)

select
    customer_key,
    as_of_date,
    net_amount_365,
    net_amount_lifetime,
    cast(average_order_value as decimal(18, 2)) as average_order_value,
    cast(purchases_per_year as decimal(18, 4)) as purchases_per_year,
    cast(years_retained as decimal(18, 4)) as years_retained,
    cast(
        average_order_value * purchases_per_year * years_retained as decimal(18, 2)
    ) as formula_ltv_amount,
    cast(
        average_order_profit * purchases_per_year * years_retained as decimal(18, 2)
    ) as formula_ltv_profit,
    cast(average_order_value * purchases_per_year as decimal(18, 2))
        as formula_12m_amount
from rates
