-- The department of an order: that of its dearest line; of equals the last by name.
-- One row per order.
select
    items.source,
    items.order_id,
    arg_max(
        products.department, (items.net_amount, products.department)
    ) as department
from {{ ref('order_items') }} as items
left join {{ ref('products') }} as products
    on
        items.source = products.source
        and items.product_id = products.product_id
group by items.source, items.order_id
