-- Net amount and gross profit: payments on the day of the order, refunds on their own day;
-- and the net amount of orders not refunded in full, which earns levels.
-- One row per customer with money moved and as-of date.
with dated as (
    select
        movements.customer_sk,
        dates.as_of_date,
        movements.amount,
        movements.profit_amount,
        coalesce(movements.undone_date <= dates.as_of_date, false) as is_undone,
        {{ days_between('movements.movement_date', 'dates.as_of_date') }} as days_ago
    from {{ ref('money_movements') }} as movements
    inner join {{ ref('as_of_dates') }} as dates
        on movements.movement_date <= dates.as_of_date
    where {{ only_touched('movements.customer_sk') }}
)

select
    customer_sk,
    as_of_date,
    {{ windowed('sum(amount)', 'net_amount', type='decimal(18, 2)') }},
    {{ windowed(
        'sum(amount)', 'earning_amount', where='not is_undone', type='decimal(18, 2)'
    ) }},
    {{ windowed('sum(profit_amount)', 'gross_profit', type='decimal(18, 2)') }}
from dated
group by customer_sk, as_of_date
