-- What was bought: the paid lines of purchases still standing, with their product.
-- One row per line and as-of date.
{{ config(materialized='view') }}
select
    purchases.customer_key,
    purchases.as_of_date,
    purchases.source,
    purchases.order_id,
    purchases.order_date,
    purchases.days_ago,
    items.net_amount,
    products.category,
    products.department
from {{ ref('purchases') }} as purchases
inner join {{ ref('order_items') }} as items
    on
        purchases.source = items.source
        and purchases.order_id = items.order_id
left join {{ ref('products') }} as products
    on
        items.source = products.source
        and items.product_id = products.product_id
where items.net_amount > 0
