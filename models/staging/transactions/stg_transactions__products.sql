-- Products, derived from the rows that name one, or a category. One row per product,
-- carried by its latest row with a category.
{{ config(enabled='transactions' in var('sources')) }}
with mentions as (
    select
        *,
        row_number() over (
            partition by product_id
            order by category is null asc, row_id desc
        ) as mention
    from {{ ref('stg_transactions__lines') }}
    where product_id is not null
)

select
    product_id,
    coalesce(product_name, product_id) as product_name,
    category,
    cast(null as varchar) as department,
    cast(null as boolean) as is_light_medical,
    cast(null as decimal(18, 2)) as list_price,
    cast(null as decimal(18, 2)) as unit_cost,
    cast(null as varchar) as unparsable_column,
    raw_table,
    false as is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part
from mentions
where mention = 1
