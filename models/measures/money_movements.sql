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
    customer_key,
    source,
    order_id,
    order_date,
    refund_date as movement_date,
    -refund_amount as amount
from {{ ref('order_refunds') }}
