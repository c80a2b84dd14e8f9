-- Lines of orders that were refunded in full, from when on, and whose department the order is
-- from that day: of the dearest line still paid for. One row per line refunded in full.
{{ config(materialized='table') }}
with refunds as (
    select
        order_sk,
        line_number,
        refund_date,
        sum(refund_amount) over (
            partition by order_sk, line_number
            order by refund_date asc, refund_id asc
            rows between unbounded preceding and current row
        ) as refunded_amount
    from {{ ref('refunds') }}
    where line_number is not null
),

returned as (
    select
        items.order_sk,
        items.line_number,
        min(refunds.refund_date) as returned_date
    from refunds
    inner join {{ ref('order_items') }} as items
        on
            refunds.order_sk = items.order_sk
            and refunds.line_number = items.line_number
            and refunds.refunded_amount >= items.net_amount
    group by items.order_sk, items.line_number
),

days as (
    select distinct
        order_sk,
        returned_date
    from returned
),

kept as (
    select
        days.order_sk,
        days.returned_date,
        {{ value_at_max('products.department', ['items.net_amount', 'products.department']) }}
            filter (where products.department is not null) as department
    from days
    inner join {{ ref('order_items') }} as items on days.order_sk = items.order_sk
    left join {{ ref('products') }} as products on items.product_sk = products.product_sk
    left join returned
        on
            items.order_sk = returned.order_sk
            and items.line_number = returned.line_number
            and days.returned_date >= returned.returned_date
    where items.net_amount > 0 and returned.order_sk is null
    group by days.order_sk, days.returned_date
)

select
    returned.order_sk,
    returned.line_number,
    returned.returned_date,
    kept.department as department_since
from returned
left join kept
    on
        returned.order_sk = kept.order_sk
        and returned.returned_date = kept.returned_date
