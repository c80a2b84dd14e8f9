-- Purchase histories on the as-of date, which the fitted models score.
-- One row per buyer and as-of date.
with purchase_days as (
    select
        as_of_date,
        customer_sk,
        order_date as purchase_date,
        sum(net_amount) as amount
    from {{ ref('purchases') }}
    where {{ only_touched('purchases.customer_sk') }}
    group by as_of_date, customer_sk, order_date
)

{{ clv_histories('purchase_days', 'as_of_date', 'customer_sk') }}
