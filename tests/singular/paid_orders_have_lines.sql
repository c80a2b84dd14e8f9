-- Paid orders without an accepted line: they have no amount and count as no purchase.
{{ config(severity='warn') }}
select
    source,
    order_id,
    order_date
from {{ ref('orders') }}
where
    status = 'paid'
    and order_sk not in (
        select items.order_sk from {{ ref('order_items') }} as items
    )
