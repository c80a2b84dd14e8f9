-- Paid orders before refunds, on the customer: what was paid, what it costs the clinic (the
-- line's cost, else the product's, else the usual margins), list prices, department of the dearest line.
-- One row per paid order with lines.
with paid as (
    select
        bridge.customer_sk,
        orders.order_sk,
        orders.source,
        orders.order_id,
        orders.order_date
    from {{ ref('orders') }} as orders
    inner join {{ ref('customer_bridge') }} as bridge
        on orders.record_sk = bridge.record_sk
    where
        orders.status = 'paid'
        and {{ only_touched('bridge.customer_sk') }}
),

goods as (
    select
        products.product_sk,
        products.department,
        products.unit_cost,
        margins.margin_share
    from {{ ref('products') }} as products
    left join {{ ref('category_margins') }} as margins
        on products.category = margins.category
),

lines as (
    select
        items.order_sk,
        items.net_amount,
        -- A line below zero lowers its order: a coupon, which costs nothing and has no list
        -- price, or goods that come back with their cost.
        coalesce(items.list_amount, case when items.net_amount < 0 then 0 end) as list_amount,
        goods.department,
        coalesce(
            case when items.net_amount < 0 then -1 else 1 end
            * abs(coalesce(
                items.cost_amount,
                coalesce(items.unit_cost, goods.unit_cost) * coalesce(items.quantity, 1)
            )),
            case when items.net_amount < 0 and goods.product_sk is null then 0 end,
            items.net_amount * (1 - coalesce(goods.margin_share, usual.margin_share))
        ) as cost_amount
    from {{ ref('order_items') }} as items
    left join goods on items.product_sk = goods.product_sk
    inner join {{ ref('category_margins') }} as usual on usual.category = '*'
    {%- if is_incremental() %}
    where items.order_sk in (select paid.order_sk from paid)
    {%- endif %}
),

contents as (
    select
        order_sk,
        cast(sum(net_amount) as decimal(18, 2)) as paid_amount,
        -- Six decimals as they are, then to the fen.
        cast(cast(sum(cost_amount) as decimal(18, 6)) as decimal(18, 2)) as cost_amount,
        cast(
            case when count(*) = count(list_amount) then sum(list_amount) end
            as decimal(18, 2)
        ) as list_amount,
        {{ value_at_max('department', ['net_amount', 'department']) }}
            filter (where department is not null and net_amount > 0) as department
    from lines
    group by order_sk
)

select
    paid.customer_sk,
    paid.order_sk,
    paid.source,
    paid.order_id,
    paid.order_date,
    contents.paid_amount,
    contents.list_amount,
    contents.cost_amount,
    contents.department
from paid
inner join contents on paid.order_sk = contents.order_sk
