-- How much of what a customer buys is discounted, over purchases with a list price.
-- One row per buyer and as-of date.
select
    customer_key,
    as_of_date,
    cast(avg(cast(paid_amount < list_amount as integer)) as decimal(9, 4))
        as discounted_purchase_share,
    cast(1 - sum(paid_amount) / nullif(sum(list_amount), 0) as decimal(9, 4))
        as average_discount_share,
    count(*) as priced_purchases_lifetime
from {{ ref('purchases') }}
where list_amount is not null
group by customer_key, as_of_date
