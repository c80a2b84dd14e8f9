-- Money and gross profit moved: a payment, and its cost, on the day of the order; a refund on
-- its own day; the cost comes back with the refund that returns all that was paid.
-- One row per payment or refund.
{{ config(materialized='view') }}
select
    customer_sk,
    order_sk,
    order_date,
    order_date as movement_date,
    paid_amount as amount,
    paid_amount - cost_amount as profit_amount
from {{ ref('order_facts') }}
union all
select
    customer_sk,
    order_sk,
    order_date,
    refund_date as movement_date,
    -refund_amount as amount,
    case
        when
            refunded_amount >= paid_amount
            and (
                refunded_amount - refund_amount < paid_amount
                or refunded_amount = refund_amount
            )
            then cost_amount - refund_amount
        else -refund_amount
    end as profit_amount
from {{ ref('order_refunds') }}
