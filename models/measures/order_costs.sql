-- What an order costs the clinic: the unit cost of its items, or where that is unknown
-- what the margin of their category leaves. One row per order with items.
with items as (
    select
        items.source,
        items.order_id,
        items.net_amount,
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
    items.source,
    items.order_id,
    cast(sum(coalesce(
        items.known_cost,
        items.net_amount * (1 - coalesce(own.margin_share, usual.margin_share))
    )) as decimal(18, 2)) as cost_amount
from items
left join margins as own on items.category = own.category
cross join margins as usual
where usual.category = '*'
group by items.source, items.order_id
