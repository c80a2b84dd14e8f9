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
    using (source, order_id)
