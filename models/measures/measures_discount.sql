-- How much of what a customer buys is discounted, over purchases with a list price.
-- One row per buyer and as-of date.
select
    purchases.customer_key,
    purchases.as_of_date,
    cast(
        avg(cast(purchases.paid_amount < contents.list_amount as integer))
        as decimal(9, 4)
    ) as discounted_purchase_share,
    cast(
        1 - sum(purchases.paid_amount) / nullif(sum(contents.list_amount), 0)
        as decimal(9, 4)
    ) as average_discount_share,
    count(*) as priced_purchases_lifetime
from {{ ref('purchases') }} as purchases
inner join {{ ref('order_contents') }} as contents
    on
        purchases.source = contents.source
        and purchases.order_id = contents.order_id
where contents.list_amount is not null
group by purchases.customer_key, purchases.as_of_date
