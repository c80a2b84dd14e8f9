-- What a customer bought in a category, purchases still standing: how many, since when,
-- and how long ago the last. One row per buyer, category and as-of date.
{{ config(meta={'in_parts': true}) }}
with by_order as (
    select distinct
        customer_key,
        as_of_date,
        category,
        source,
        order_id,
        order_date,
        days_ago
    from {{ ref('purchased_items') }}
    where category is not null
)

select
    customer_key,
    as_of_date,
    category,
    count(*) as purchases,
    min(order_date) as debut_date,
    min(days_ago) as days_since_purchase
from by_order
group by customer_key, as_of_date, category
