-- Receipt lines of zero and more, before tax (below are refunds). One row per line;
-- identical lines of a receipt are two sales. The till prints no product code: a line's
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
    receipt_lines.order_id,
    receipt_lines.receipt_line as line_number,
    described_products.product_id,
    receipt_lines.quantity,
    cast(null as decimal(18, 2)) as list_amount,
    receipt_lines.amount as net_amount,
    receipt_lines.unparsable_column,
    receipt_lines.raw_table,
    receipt_lines.is_carrier,
    receipt_lines.file_name,
    receipt_lines.row_number,
    receipt_lines.loaded_at,
    receipt_lines.row_id,
    receipt_lines.file_part
from {{ ref('stg_salon__receipts') }} as receipt_lines
left join described_products
    on receipt_lines.product_name = described_products.product_name
where coalesce(receipt_lines.amount, 0) >= 0
