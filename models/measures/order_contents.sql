-- What was paid for an order, what it costs the clinic, by unit costs or the usual
-- margins, what it would cost at list prices, and the department of its dearest line;
-- a view, of which paid_orders keeps what was paid. One row per order with items.
{{ config(materialized='view') }}
with lines as (
    select
        items.source,
        items.order_id,
        items.net_amount,
        items.list_amount,
        products.department,
        coalesce(products.category, '*') as category,
        products.unit_cost * coalesce(items.quantity, 1) as known_cost
    from {{ ref('order_items') }} as items
    left join {{ ref('products') }} as products
        on
            items.source = products.source
            and items.product_id = products.product_id
),

margins as (
    select
        category,
        margin_share
    from {{ ref('category_margins') }}
)

select
    lines.source,
    lines.order_id,
    cast(sum(lines.net_amount) as decimal(18, 2)) as paid_amount,
    -- Six decimals as they are, then to the fen: at once it takes twice as long.
    cast(cast(sum(coalesce(
        lines.known_cost,
        lines.net_amount * (1 - coalesce(own.margin_share, usual.margin_share))
    )) as decimal(18, 6)) as decimal(18, 2)) as cost_amount,
    cast(
        case when count(*) = count(lines.list_amount) then sum(lines.list_amount) end
        as decimal(18, 2)
    ) as list_amount,
    arg_max(lines.department, (lines.net_amount, lines.department)) as department
from lines
left join margins as own on lines.category = own.category
cross join margins as usual
where usual.category = '*'
group by lines.source, lines.order_id
