-- Recency, frequency and size of purchases. One row per buyer and as-of date.
select
    customer_key,
    as_of_date,
    min(order_date) as first_purchase_date,
    max(order_date) as last_purchase_date,
    min(days_ago) as days_since_purchase,
    max(net_amount) as max_order_amount,
    {{ windowed('count(*)', 'purchases') }}
from {{ ref('purchases') }}
group by customer_key, as_of_date
