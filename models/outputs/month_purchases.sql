-- Purchases as they stood when their month ended: what is refunded later is another month's
-- affair and rewrites no past figure. One row per paid order still worth something then.
with refunded as (
    select
        order_sk,
        max(refunded_amount) as refunded_amount
    from {{ ref('order_refunds') }}
    where refund_date < {{ month_after('order_date') }}
    group by order_sk
)

select
    orders.customer_sk,
    orders.order_sk,
    orders.order_date,
    {{ month_start('orders.order_date') }} as month_date,
    orders.paid_amount - coalesce(refunded.refunded_amount, 0) as net_amount,
    orders.paid_amount - orders.cost_amount - coalesce(refunded.refunded_amount, 0)
        as profit_amount,
    min(orders.order_date) over (partition by orders.customer_sk) as debut_date
from {{ ref('order_facts') }} as orders
left join refunded on orders.order_sk = refunded.order_sk
where
    orders.paid_amount > coalesce(refunded.refunded_amount, 0)
    and orders.order_date <= {{ last_day_described() }}
