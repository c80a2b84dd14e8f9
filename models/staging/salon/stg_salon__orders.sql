-- Order headers, derived: a client's lines on one receipt. One row per delivery and
-- order, carried by the order's first line.
{{ config(enabled='salon' in var('sources')) }}
with lines as (
    select
        *,
        row_number() over (
            partition by file_name, loaded_at, order_id
            order by row_number asc
        ) as place
    from {{ ref('stg_salon__receipts') }}
    where order_id is not null
        and order_date is not null
)

select
    order_id,
    customer_id,
    'salon' as clinic_id,
    order_date,
    'paid' as status,
    cast(null as varchar) as unparsable_column,
    raw_table,
    false as is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part
from lines
where place = 1
