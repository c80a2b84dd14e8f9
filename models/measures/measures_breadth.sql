-- How many categories and departments the purchases span.
-- One row per buyer and as-of date.
select
    purchases.customer_key,
    purchases.as_of_date,
    {{ windowed('count(distinct products.category)', 'categories') }},
    {{ windowed('count(distinct products.department)', 'departments') }}
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
group by purchases.customer_key, purchases.as_of_date
