-- Purchases: paid orders that still have a net amount above zero on the as-of date.
-- One row per order and as-of date.
{{ config(materialized='view') }}
with refunded as (
    select
        dates.as_of_date,
        refunds.source,
        refunds.order_id,
        max(refunds.refunded_amount) as refunded_amount
    from {{ ref('order_refunds') }} as refunds
    inner join {{ ref('as_of_dates') }} as dates
        on refunds.refund_date <= dates.as_of_date
    group by dates.as_of_date, refunds.source, refunds.order_id
)

select
    dates.as_of_date,
    orders.customer_key,
    orders.source,
    orders.order_id,
    orders.order_date,
    orders.paid_amount,
    orders.list_amount,
    orders.department,
    orders.paid_amount - coalesce(refunded.refunded_amount, 0) as net_amount,
    date_diff('day', orders.order_date, dates.as_of_date) as days_ago
from {{ ref('paid_orders') }} as orders
inner join {{ ref('as_of_dates') }} as dates
    on orders.order_date <= dates.as_of_date
left join refunded
    on
        orders.source = refunded.source
        and orders.order_id = refunded.order_id
        and dates.as_of_date = refunded.as_of_date
where orders.paid_amount > coalesce(refunded.refunded_amount, 0)
