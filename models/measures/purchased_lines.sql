-- What purchases consist of on the as-of date: lines that were paid for and not refunded in
-- full. One row per line and as-of date.
{{ config(materialized='view') }}
select
    purchases.customer_sk,
    purchases.as_of_date,
    purchases.order_sk,
    purchases.order_date,
    purchases.days_ago,
    items.net_amount,
    products.category,
    products.department
from {{ ref('purchases') }} as purchases
inner join {{ ref('order_items') }} as items
    on purchases.order_sk = items.order_sk
left join {{ ref('products') }} as products
    on items.product_sk = products.product_sk
left join {{ ref('returned_lines') }} as returned
    on
        items.order_sk = returned.order_sk
        and items.line_number = returned.line_number
        and purchases.as_of_date >= returned.returned_date
where items.net_amount > 0 and returned.order_sk is null
