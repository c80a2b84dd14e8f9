-- Customers of high value by the headline tier: the last month ends in history, and the
-- published day, oldest first.
with days as (
    select
        trend.as_of_date,
        cast(sum(trend.customers) as bigint) as customers,
        cast(sum(trend.high_value_customers) as bigint) as high_value,
        cast(sum(trend.risen_customers) as bigint) as risen,
        cast(sum(trend.fallen_customers) as bigint) as fallen,
        sum(trend.net_amount_365) as net_amount_365,
        sum(trend.high_value_net_amount_365) as high_value_amount
    from mart_high_value_trend as trend
    inner join published
        on trend.ruleset = published.ruleset
        and trend.as_of_date <= published.as_of_date
    where trend.model = 'final'
        and trend.is_in_chain
    group by trend.as_of_date
    order by trend.as_of_date desc
    limit $days
)

select * from days
order by as_of_date
