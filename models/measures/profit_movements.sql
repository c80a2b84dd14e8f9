-- Gross profit moved: a payment less its cost on the day of the order, a refund on its
-- own day; the cost of an order comes back on the day that all of it was refunded.
-- One row per movement.
{{ config(meta={'in_parts': true}) }}
with undone as (
    select
        refunds.customer_key,
        contents.cost_amount,
        min(refunds.refund_date) as undone_date
    from {{ ref('order_refunds') }} as refunds
    inner join {{ ref('order_contents') }} as contents
        on
            refunds.source = contents.source
            and refunds.order_id = contents.order_id
    where refunds.refunded_amount >= refunds.paid_amount
    group by
        refunds.source,
        refunds.order_id,
        refunds.customer_key,
        contents.cost_amount
)

select
    orders.customer_key,
    orders.order_date as movement_date,
    orders.paid_amount - contents.cost_amount as profit_amount
from {{ ref('paid_orders') }} as orders
inner join {{ ref('order_contents') }} as contents
    on
        orders.source = contents.source
        and orders.order_id = contents.order_id
union all
select
    customer_key,
    refund_date as movement_date,
    -refund_amount as profit_amount
from {{ ref('order_refunds') }}
union all
select
    customer_key,
    undone_date as movement_date,
    cost_amount as profit_amount
from undone
