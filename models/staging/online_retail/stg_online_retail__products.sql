-- Articles, derived from the lines. One row per stock code, carried by its latest line
-- with a name. A code that begins with a letter (POST, M, D …) is no article and has no
-- category; the shop names no families, so all others share one.
{{ config(enabled='online_retail' in var('sources')) }}
with mentions as (
    select
        *,
        row_number() over (
            partition by stock_code
            order by product_name is null asc, row_id desc
        ) as mention
    from {{ ref('stg_online_retail__lines') }}
    where stock_code is not null
)

select
    stock_code as product_id,
    product_name,
    cast(null as varchar) as department,
    false as is_light_medical,
    cast(null as decimal(18, 2)) as list_price,
    cast(null as decimal(18, 2)) as unit_cost,
    cast(null as varchar) as unparsable_column,
    raw_table,
    false as is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part,
    case when left(stock_code, 1) between '0' and '9' then 'gifts' end as category
from mentions
where mention = 1
