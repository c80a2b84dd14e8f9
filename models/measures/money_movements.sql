-- Money moved: payments on the day of the order, refunds on their own day.
-- One row per payment or refund.
{{ config(materialized='view') }}
select
    customer_key,
    source,
    order_id,
    order_date,
    order_date as movement_date,
    paid_amount as amount
from {{ ref('paid_orders') }}
union all
select
    refunds.customer_key,
    refunds.source,
    refunds.order_id,
    orders.order_date,
    refunds.refund_date as movement_date,
    -refunds.refund_amount as amount
from {{ ref('order_refunds') }} as refunds
inner join {{ ref('paid_orders') }} as orders
    on
        refunds.source = orders.source
        and refunds.order_id = orders.order_id
