-- Gross profit moved: a payment less its cost on the day of the order, a refund on its
-- own day; the cost of an order comes back on the day that all of it was refunded.
-- One row per movement.
with refunds as (
    select
        *,
        sum(refund_amount) over (
            partition by source, order_id
            order by refund_date asc, refund_id asc
        ) as refunded_amount
    from {{ ref('order_refunds') }}
),

orders as (
    select
        paid_orders.*,
        contents.cost_amount
    from {{ ref('paid_orders') }} as paid_orders
    inner join {{ ref('order_contents') }} as contents
        on
            paid_orders.source = contents.source
            and paid_orders.order_id = contents.order_id
),

undone as (
    select
        orders.customer_key,
        orders.cost_amount,
        min(refunds.refund_date) as undone_date
    from orders
    inner join refunds
        on
            orders.source = refunds.source
            and orders.order_id = refunds.order_id
    where refunds.refunded_amount >= orders.paid_amount
    group by orders.source, orders.order_id, orders.customer_key, orders.cost_amount
)

select
    customer_key,
    order_date as movement_date,
    paid_amount - cost_amount as profit_amount
from orders
union all
select
    customer_key,
    refund_date as movement_date,
    -refund_amount as profit_amount
from refunds
union all
select
    customer_key,
    undone_date as movement_date,
    cost_amount as profit_amount
from undone
