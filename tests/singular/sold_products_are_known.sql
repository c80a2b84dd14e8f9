-- Lines whose product was not delivered: they count without a category.
{{ config(severity='warn') }}
select
    source,
    product_id,
    count(*) as line_count
from {{ ref('order_items') }}
where
    product_id is not null
    and product_sk is null
group by source, product_id
