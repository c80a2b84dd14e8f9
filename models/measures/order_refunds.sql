-- Refunds of paid orders, on the person. One row per refund.
select
    paid_orders.customer_key,
    refunds.source,
    refunds.order_id,
    refunds.refund_id,
    refunds.refund_date,
    refunds.refund_amount
from {{ ref('refunds') }} as refunds
inner join {{ ref('paid_orders') }} as paid_orders
    on
        refunds.source = paid_orders.source
        and refunds.order_id = paid_orders.order_id
