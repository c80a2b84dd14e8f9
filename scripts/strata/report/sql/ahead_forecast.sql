-- The chain's net revenue: the last 24 months that came, and those ahead.
select
    month_date, kind, amount, low_amount, high_amount, origin_date, model, mase, naive_mase,
    missed_share, interval_coverage
from mart_revenue_forecast
inner join published on mart_revenue_forecast.ruleset = published.ruleset
where clinic_id = '*' and tier = '*'
order by month_date, kind
