-- Paid orders with their money, before refunds, on the person.
-- One row per order.
with items as (
    select
        source,
        order_id,
        cast(sum(net_amount) as decimal(18, 2)) as paid_amount
    from {{ ref('order_items') }}
    group by source, order_id
),

paid as (
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
    items.paid_amount
from items
inner join paid
    on
        items.source = paid.source
        and items.order_id = paid.order_id
-- Stored by customer, as all that follows reads it.
order by paid.customer_key asc
