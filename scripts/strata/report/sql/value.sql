-- What is expected of the buyers, by the model behind it; amounts in CNY.
select
    clv_basis,
    count(*) as customers,
    coalesce(sum(net_amount_lifetime), 0) as net_amount_lifetime,
    coalesce(sum(clv_amount), 0) as clv_amount,
    coalesce(sum(predicted_12m_amount), 0) as predicted_12m_amount
from fct_customer_value
inner join published on fct_customer_value.as_of_date = published.as_of_date
group by clv_basis
order by clv_basis
