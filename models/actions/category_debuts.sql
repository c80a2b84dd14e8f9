-- The first day on which a customer bought in a category, purchases still standing.
-- One row per buyer, category and as-of date.
select
    purchases.as_of_date,
    purchases.customer_key,
    products.category,
    min(purchases.order_date) as debut_date
from {{ ref('purchases') }} as purchases
inner join {{ ref('order_items') }} as items
    on
        purchases.source = items.source
        and purchases.order_id = items.order_id
inner join {{ ref('products') }} as products
    on
        items.source = products.source
        and items.product_id = products.product_id
where items.net_amount > 0 and products.category is not null
group by purchases.as_of_date, purchases.customer_key, products.category
