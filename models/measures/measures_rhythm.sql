-- The rhythm of purchases: the second one, the usual gap, the cycle to expect and how
-- far the present gap exceeds it. One row per buyer and as-of date.
with ordered as (
    select
        customer_key,
        as_of_date,
        order_date,
        days_ago,
        row_number() over (
            partition by customer_key, as_of_date
            order by order_date asc, source asc, order_id asc
        ) as purchase_number,
        date_diff('day', lag(order_date) over (
            partition by customer_key, as_of_date
            order by order_date asc, source asc, order_id asc
        ), order_date) as gap_days
    from {{ ref('purchases') }}
),

rhythms as (
    select
        customer_key,
        as_of_date,
        cast(
            median(gap_days) filter (where gap_days > 0) as decimal(18, 4)
        ) as purchase_gap_median_days,
        min(days_ago) as days_since_purchase,
        date_diff(
            'day',
            min(order_date),
            min(order_date) filter (where purchase_number = 2)
        ) as days_to_second_purchase
    from ordered
    group by customer_key, as_of_date
),

expected as (
    select
        rhythms.*,
        coalesce(rhythms.purchase_gap_median_days, cycles.item_cycle_days)
            as expected_cycle_days
    from rhythms
    left join {{ ref('last_item_cycles') }} as cycles
        on {{ same_customer('rhythms', 'cycles') }}
)

select
    *,
    cast(
        greatest(days_since_purchase / expected_cycle_days - 1, 0) as decimal(18, 4)
    ) as cycle_deviation_share
from expected
