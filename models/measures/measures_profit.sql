-- Gross profit: net amount less cost. One row per customer with money moved and as-of
-- date.
with dated as (
    select
        movements.customer_key,
        dates.as_of_date,
        movements.profit_amount,
        date_diff('day', movements.movement_date, dates.as_of_date) as days_ago
    from {{ ref('profit_movements') }} as movements
    inner join {{ ref('as_of_dates') }} as dates
        on movements.movement_date <= dates.as_of_date
)

select
    customer_key,
    as_of_date,
    {{ windowed('sum(profit_amount)', 'gross_profit') }}
from dated
group by customer_key, as_of_date
