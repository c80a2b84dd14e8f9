-- Paid orders with their money, before refunds, on the person.
-- One row per order.
with items as (
    select
        source,
        order_id,
        sum(net_amount) as paid_amount,
        sum(coalesce(list_amount, net_amount)) as list_amount,
        bool_and(list_amount is not null) as is_list_priced
    from {{ ref('order_items') }}
    group by source, order_id
)

select
    bridge.customer_key,
    orders.source,
    orders.order_id,
    orders.clinic_id,
    orders.order_date,
    items.paid_amount,
    items.list_amount,
    items.is_list_priced
from {{ ref('orders') }} as orders
inner join {{ ref('customer_bridge') }} as bridge
    on
        orders.source = bridge.source
        and orders.customer_id = bridge.customer_id
inner join items
    on
        orders.source = items.source
        and orders.order_id = items.order_id
where orders.status = 'paid'
