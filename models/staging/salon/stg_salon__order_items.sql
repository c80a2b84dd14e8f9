-- Receipt lines at or above zero, before tax (negative ones are refunds). One row per line;
-- identical lines of a receipt are two sales. The till prints no product code, so the line's
-- description finds the product where exactly one product has it.
{{ config(enabled='salon' in var('sources')) }}
with described_products as (
    select
        product_name,
        min(product_id) as product_id
    from {{ ref('stg_salon__products') }}
    where product_name is not null
    group by product_name
    having count(distinct product_id) = 1
)

select
    lines.order_id,
    lines.receipt_line as line_number,
    described_products.product_id,
    lines.quantity,
    cast(null as decimal(18, 2)) as list_amount,
    lines.amount as net_amount,
    lines.unparsable_column,
    lines.raw_table,
    lines.is_carrier,
    lines.file_name,
    lines.row_number,
    lines.loaded_at,
    lines.row_id,
    lines.raw_row
from {{ ref('stg_salon__receipts') }} as lines
left join described_products on lines.product_name = described_products.product_name
where coalesce(lines.amount, 0) >= 0
