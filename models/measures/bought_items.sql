-- What customers bought, and until when it stands: refunds take lines and whole orders back.
-- One row per customer, order and item.
{%- set ever = "cast('9999-12-31' as date)" %}
with undone as (
    {{ undone_orders() }}
)

select
    orders.customer_sk,
    orders.order_sk,
    orders.order_date,
    items.product_sk,
    max(least(
        coalesce(undone.undone_date, {{ ever }}), coalesce(returned.returned_date, {{ ever }})
    )) as gone_date
from {{ ref('order_facts') }} as orders
inner join {{ ref('order_items') }} as items on orders.order_sk = items.order_sk
left join undone on orders.order_sk = undone.order_sk
left join {{ ref('returned_lines') }} as returned
    on
        items.order_sk = returned.order_sk
        and items.line_number = returned.line_number
where
    items.net_amount > 0
    and items.product_sk is not null
    and {{ only_touched('orders.customer_sk') }}
group by orders.customer_sk, orders.order_sk, orders.order_date, items.product_sk
