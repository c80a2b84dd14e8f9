-- What a customer was worth so far and is expected to be worth, and by which model.
-- One row per buyer and as-of date.
select
    customer_key,
    as_of_date,
    net_amount_lifetime,
    formula_ltv_amount,
    formula_ltv_profit,
    clv_amount,
    clv_low_amount,
    clv_high_amount,
    predicted_12m_amount,
    clv_growth_rate,
    alive_probability,
    clv_basis,
    clv_fallback
from {{ ref('customer_measures') }}
where clv_amount is not null
