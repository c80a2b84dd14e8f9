-- Refunds of paid orders, on the person, each with what was paid for the order, what it
-- cost the clinic, and how much had been refunded by then. One row per refund.
select
    paid_orders.customer_key,
    refunds.source,
    refunds.order_id,
    refunds.refund_id,
    paid_orders.order_date,
    refunds.refund_date,
    paid_orders.paid_amount,
    paid_orders.cost_amount,
    refunds.refund_amount,
    cast(
        sum(refunds.refund_amount) over (
            partition by refunds.source, refunds.order_id
            order by refunds.refund_date asc, refunds.refund_id asc
        ) as decimal(18, 2)
    ) as refunded_amount
from {{ ref('refunds') }} as refunds
inner join {{ ref('paid_orders') }} as paid_orders
    on
        refunds.source = paid_orders.source
        and refunds.order_id = paid_orders.order_id
