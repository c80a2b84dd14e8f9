-- Money by order: what was paid on the day of the order, what was paid back on its own
-- day. One row per order and movement.
{{ config(materialized='view') }}
select
    customer_key,
    source || '/' || order_id as order_key,
    order_date as movement_date,
    paid_amount as amount
from {{ ref('paid_orders') }}
union all
select
    customer_key,
    source || '/' || order_id as order_key,
    refund_date as movement_date,
    -refund_amount as amount
from {{ ref('order_refunds') }}
