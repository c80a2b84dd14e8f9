-- Refunds of paid orders, each with what was paid for the order, what it cost the clinic,
-- and how much had been refunded by then. One row per refund.
select
    orders.customer_sk,
    orders.order_sk,
    refunds.source,
    refunds.order_id,
    refunds.refund_id,
    orders.order_date,
    refunds.refund_date,
    orders.paid_amount,
    orders.cost_amount,
    refunds.refund_amount,
    cast(
        sum(refunds.refund_amount) over (
            partition by refunds.order_sk
            order by refunds.refund_date asc, refunds.refund_id asc
            rows between unbounded preceding and current row
        ) as decimal(18, 2)
    ) as refunded_amount
from {{ ref('refunds') }} as refunds
inner join {{ ref('order_facts') }} as orders
    on refunds.order_sk = orders.order_sk
where {{ only_touched('orders.customer_sk') }}
