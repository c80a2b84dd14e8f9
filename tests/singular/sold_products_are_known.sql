-- Lines whose product was not delivered: they count without a category.
{{ config(severity='warn') }}
select
    items.source,
    items.product_id,
    count(*) as line_count
from {{ ref('order_items') }} as items
left join {{ ref('products') }} as products
    on
        items.source = products.source
        and items.product_id = products.product_id
where
    items.product_id is not null
    and products.product_id is null
group by items.source, items.product_id
