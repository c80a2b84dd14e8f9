-- Orders, derived: paid by the customer on the day, at the clinic of the first row that
-- names one. One row per order and file, carried by its first row.
{{ config(enabled='transactions' in var('sources')) }}
with numbered as (
    select
        *,
        row_number() over (
            partition by order_id, file_id
            order by clinic_id is null asc, row_id asc
        ) as place
    from {{ ref('stg_transactions__lines') }}
    where
        order_id is not null
        and amount >= 0
        and unparsable_column is null
)

select
    order_id,
    customer_id,
    clinic_id,
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
from numbered
where place = 1
