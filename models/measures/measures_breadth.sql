-- How many categories and departments the purchases span, and how many purchases fell
-- into one category. One row per buyer and as-of date.
with bought as (
    select
        purchases.customer_key,
        purchases.as_of_date,
        purchases.source,
        purchases.order_id,
        purchases.days_ago,
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
),

spans as (
    select
        customer_key,
        as_of_date,
        {{ windowed('count(distinct category)', 'categories') }},
        {{ windowed('count(distinct department)', 'departments') }}
    from bought
    group by customer_key, as_of_date
),

by_category as (
    select
        customer_key,
        as_of_date,
        category,
        count(distinct source || ':' || order_id) as purchases
    from bought
    where category is not null
    group by customer_key, as_of_date, category
),

favourites as (
    select
        customer_key,
        as_of_date,
        max(purchases) as max_category_purchases
    from by_category
    group by customer_key, as_of_date
)

select
    spans.*,
    favourites.max_category_purchases
from spans
left join favourites on {{ same_customer('spans', 'favourites') }}
