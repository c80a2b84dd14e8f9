-- How much of what a customer buys is discounted, over purchases with a list price.
-- One row per buyer and as-of date.
select
    purchases.customer_key,
    purchases.as_of_date,
    cast(
        avg(cast(orders.paid_amount < orders.list_amount as integer))
        as decimal(9, 4)
    ) as discounted_purchase_share,
    cast(
        1 - sum(orders.paid_amount) / nullif(sum(orders.list_amount), 0)
        as decimal(9, 4)
    ) as average_discount_share,
    count(*) as priced_purchases_lifetime
from {{ ref('purchases') }} as purchases
inner join {{ ref('paid_orders') }} as orders
    on
        purchases.source = orders.source
        and purchases.order_id = orders.order_id
where orders.is_list_priced
group by purchases.customer_key, purchases.as_of_date
