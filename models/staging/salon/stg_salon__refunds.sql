-- Receipt lines below zero: returns, and prepaid packages drawn on at the till, which
-- cancel what the same receipt charges. One row per line; before tax.
{{ config(enabled='salon' in var('sources')) }}
select
    order_id,
    order_date as refund_date,
    unparsable_column,
    raw_table,
    is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part,
    cast(null as integer) as line_number,
    order_id || '-' || cast(receipt_line as varchar) as refund_id,
    -amount as refund_amount
from {{ ref('stg_salon__receipts') }}
where amount < 0
