-- What a customer bought in a category, lines still standing: how many purchases, since when,
-- and how long ago the last. One row per buyer, as-of date and category.
select
    customer_sk,
    as_of_date,
    category,
    cast(count(distinct order_sk) as integer) as purchases,
    min(order_date) as debut_date,
    min(days_ago) as days_since_purchase
from {{ ref('purchased_lines') }}
where category is not null and {{ only_touched('purchased_lines.customer_sk') }}
group by customer_sk, as_of_date, category
