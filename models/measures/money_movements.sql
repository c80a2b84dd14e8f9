-- Money and gross profit moved: a payment, and its cost, on the day of the order; a refund on
-- its own day; the cost comes back with the refund that returns all that was paid. And the
-- day from which on the order is no purchase any more, all of it refunded.
-- One row per payment or refund.
{{ config(materialized='view') }}
with undone as (
    {{ undone_orders() }}
)

select
    orders.customer_sk,
    orders.order_sk,
    orders.order_date,
    orders.order_date as movement_date,
    orders.paid_amount as amount,
    orders.paid_amount - orders.cost_amount as profit_amount,
    undone.undone_date
from {{ ref('order_facts') }} as orders
left join undone on orders.order_sk = undone.order_sk
union all
select
    refunds.customer_sk,
    refunds.order_sk,
    refunds.order_date,
    refunds.refund_date as movement_date,
    -refunds.refund_amount as amount,
    case
        when
            refunds.refunded_amount >= refunds.paid_amount
            and (
                refunds.refunded_amount - refunds.refund_amount < refunds.paid_amount
                or refunds.refunded_amount = refunds.refund_amount
            )
            then refunds.cost_amount - refunds.refund_amount
        else -refunds.refund_amount
    end as profit_amount,
    undone.undone_date
from {{ ref('order_refunds') }} as refunds
left join undone on refunds.order_sk = undone.order_sk
