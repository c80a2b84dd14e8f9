-- What a customer bought in a category, purchases still standing: how many, since when, and
-- how long ago the last. One row per buyer, as-of date and category.
select
    purchases.customer_sk,
    purchases.as_of_date,
    products.category,
    cast(count(distinct purchases.order_sk) as integer) as purchases,
    min(purchases.order_date) as debut_date,
    min(purchases.days_ago) as days_since_purchase
from {{ ref('purchases') }} as purchases
inner join {{ ref('order_items') }} as items
    on purchases.order_sk = items.order_sk
inner join {{ ref('products') }} as products
    on items.product_sk = products.product_sk
where
    items.net_amount > 0
    and products.category is not null
    and {{ only_touched('purchases.customer_sk') }}
group by purchases.customer_sk, purchases.as_of_date, products.category
