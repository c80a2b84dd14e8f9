-- Net amounts: payments on the day of the order, refunds on their own day.
-- One row per customer with money moved and as-of date.
with dated as (
    select
        movements.customer_key,
        dates.as_of_date,
        movements.amount,
        date_diff('day', movements.movement_date, dates.as_of_date) as days_ago
    from {{ ref('money_movements') }} as movements
    inner join {{ ref('as_of_dates') }} as dates
        on movements.movement_date <= dates.as_of_date
)

select
    customer_key,
    as_of_date,
    {{ windowed('sum(amount)', 'net_amount') }}
from dated
group by customer_key, as_of_date
