-- Paid orders without an accepted line: they have no amount and count as no purchase.
{{ config(severity='warn') }}
select
    orders.source,
    orders.order_id,
    orders.order_date
from {{ ref('orders') }} as orders
left join {{ ref('order_items') }} as items
    on
        orders.source = items.source
        and orders.order_id = items.order_id
where
    orders.status = 'paid'
    and items.order_id is null
