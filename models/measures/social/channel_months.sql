-- Spend of a channel in a month, and what became of the customers it brought then.
-- One row per as-of date, channel and month with a cost.
with costs as (
    select
        channel,
        month as month_date,
        sum(cost_amount) as cost_amount
    from {{ ref('acquisition_costs') }}
    group by channel, month
),

acquired as (
    select
        as_of_date,
        channel,
        month_date,
        count(*) as customers_acquired,
        count(*) filter (where has_bought) as first_time_buyers,
        sum(clv_amount) as value_amount
    from {{ ref('acquired_customers') }}
    group by as_of_date, channel, month_date
)

select
    dates.as_of_date,
    costs.channel,
    costs.month_date,
    costs.cost_amount,
    coalesce(acquired.customers_acquired, 0) as customers_acquired,
    coalesce(acquired.first_time_buyers, 0) as first_time_buyers,
    coalesce(acquired.value_amount, 0) as value_amount
from costs
inner join {{ ref('as_of_dates') }} as dates
    on costs.month_date <= dates.as_of_date
left join acquired
    on
        dates.as_of_date = acquired.as_of_date
        and costs.channel = acquired.channel
        and costs.month_date = acquired.month_date
