-- Recency, frequency and size of purchases, their rhythm, and how much of them is discounted
-- (over purchases with a list price). One row per buyer and as-of date.
with ordered as (
    select
        customer_sk,
        as_of_date,
        order_date,
        days_ago,
        paid_amount,
        list_amount,
        net_amount,
        lag(order_date) over (
            partition by customer_sk, as_of_date
            order by order_date asc
        ) as previous_date
    from {{ ref('purchases') }}
    where {{ only_touched('purchases.customer_sk') }}
),

counted as (
    select
        customer_sk,
        as_of_date,
        min(order_date) as first_purchase_date,
        max(order_date) as last_purchase_date,
        min(order_date) filter (where previous_date is not null) as second_purchase_date,
        max(net_amount) as max_order_amount,
        {{ median_of(days_between('previous_date', 'order_date')) }}
            filter (where previous_date < order_date) as purchase_gap_median_days,
        count(list_amount) as priced_purchases,
        count(*) filter (where paid_amount < list_amount) as discounted_purchases,
        sum(list_amount) as list_amount,
        sum(paid_amount) filter (where list_amount is not null) as priced_paid_amount,
        {{ windowed('count(*)', 'purchases', type='integer') }}
    from ordered
    group by customer_sk, as_of_date
)

select
    customer_sk,
    as_of_date,
    first_purchase_date,
    last_purchase_date,
    cast({{ days_between('last_purchase_date', 'as_of_date') }} as integer)
        as days_since_purchase,
    max_order_amount,
    cast({{ days_between('first_purchase_date', 'second_purchase_date') }} as integer)
        as days_to_second_purchase,
    cast(purchase_gap_median_days as decimal(18, 4)) as purchase_gap_median_days,
    cast(priced_purchases as integer) as priced_purchases_lifetime,
    {{ share_cut_off('discounted_purchases', 'priced_purchases') }}
        as discounted_purchase_share,
    {{ share_cut_off('list_amount - priced_paid_amount', 'list_amount') }}
        as average_discount_share,
    {{ held_names('purchases') | join(',\n    ') }}
from counted
