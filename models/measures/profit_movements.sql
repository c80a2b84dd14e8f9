-- Gross profit moved: a payment less its cost on the day of the order, a refund on its
-- own day; the cost of an order comes back on the day that all of it was refunded.
-- One row per movement.
with undone as (
    select
        customer_key,
        cost_amount,
        min(refund_date) as undone_date
    from {{ ref('order_refunds') }}
    where refunded_amount >= paid_amount
    group by source, order_id, customer_key, cost_amount
)

select
    customer_key,
    order_date as movement_date,
    paid_amount - cost_amount as profit_amount
from {{ ref('paid_orders') }}
union all
select
    customer_key,
    refund_date as movement_date,
    -refund_amount as profit_amount
from {{ ref('order_refunds') }}
union all
select
    customer_key,
    undone_date as movement_date,
    cost_amount as profit_amount
from undone
