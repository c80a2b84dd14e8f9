-- The first day on which a customer bought in a category, purchases still standing.
-- One row per buyer, category and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
select
    as_of_date,
    customer_key,
    category,
    min(order_date) as debut_date
from {{ ref('purchased_items') }}
where category is not null
group by as_of_date, customer_key, category
