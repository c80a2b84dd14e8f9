-- How many categories and departments the purchases span, and how many purchases fell
-- into one category. One row per buyer and as-of date.
with spans as (
    select
        customer_key,
        as_of_date,
        {{ windowed('count(distinct category)', 'categories') }},
        {{ windowed('count(distinct department)', 'departments') }}
    from {{ ref('purchased_items') }}
    group by customer_key, as_of_date
),

by_category as (
    select
        customer_key,
        as_of_date,
        category,
        count(distinct source || ':' || order_id) as purchases
    from {{ ref('purchased_items') }}
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
