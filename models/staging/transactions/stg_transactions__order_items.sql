-- Rows of flat files that sell; those below zero are refunds. One row per raw row.
{{ config(enabled='transactions' in var('sources')) }}
select
    order_id,
    line_number,
    product_id,
    cast(null as decimal(18, 2)) as list_amount,
    amount as net_amount,
    unit_cost,
    cost_amount,
    unparsable_column,
    unparsable_cells,
    raw_table,
    is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part,
    case when quantity % 1 = 0 and quantity >= 0 then cast(quantity as integer) end
        as quantity
from {{ ref('stg_transactions__lines') }}
where coalesce(amount, 0) >= 0
