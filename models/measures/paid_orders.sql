-- Paid orders with their money, before refunds, and with what they hold, on the person.
-- One row per order.
{{ config(meta={'stored_by': ['customer_key']}) }}
with paid as (
    select
        bridge.customer_key,
        orders.source,
        orders.order_id,
        orders.order_date
    from {{ ref('orders') }} as orders
    inner join {{ ref('customer_bridge') }} as bridge
        on
            orders.source = bridge.source
            and orders.customer_id = bridge.customer_id
    where orders.status = 'paid'
)

select
    paid.customer_key,
    paid.source,
    paid.order_id,
    paid.order_date,
    contents.paid_amount,
    contents.list_amount,
    contents.cost_amount,
    contents.department
from {{ ref('order_contents') }} as contents
inner join paid
    on
        contents.source = paid.source
        and contents.order_id = paid.order_id
