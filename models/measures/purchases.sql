-- Purchases: paid orders that still have a net amount above zero on the as-of date.
-- One row per order and as-of date.
{{ config(materialized='view') }}
with refunded as (
    select
        dates.as_of_date,
        refunds.order_sk,
        max(refunds.refunded_amount) as refunded_amount
    from {{ ref('order_refunds') }} as refunds
    inner join {{ ref('as_of_dates') }} as dates
        on refunds.refund_date <= dates.as_of_date
    group by dates.as_of_date, refunds.order_sk
),

-- Whose the order is since lines of it were refunded in full.
moved as (
    select
        dates.as_of_date,
        returned.order_sk,
        nullif({{ value_at_max(
            "coalesce(returned.department_since, '')", ['returned.returned_date']
        ) }}, '') as department
    from {{ ref('returned_lines') }} as returned
    inner join {{ ref('as_of_dates') }} as dates
        on returned.returned_date <= dates.as_of_date
    group by dates.as_of_date, returned.order_sk
)

select
    dates.as_of_date,
    orders.customer_sk,
    orders.order_sk,
    orders.source,
    orders.order_id,
    orders.order_date,
    orders.paid_amount,
    orders.list_amount,
    case when moved.order_sk is null then orders.department else moved.department end
        as department,
    orders.paid_amount - coalesce(refunded.refunded_amount, 0) as net_amount,
    cast({{ days_between('orders.order_date', 'dates.as_of_date') }} as integer)
        as days_ago
from {{ ref('order_facts') }} as orders
inner join {{ ref('as_of_dates') }} as dates
    on orders.order_date <= dates.as_of_date
left join refunded
    on
        orders.order_sk = refunded.order_sk
        and dates.as_of_date = refunded.as_of_date
left join moved
    on
        orders.order_sk = moved.order_sk
        and dates.as_of_date = moved.as_of_date
where orders.paid_amount > coalesce(refunded.refunded_amount, 0)
