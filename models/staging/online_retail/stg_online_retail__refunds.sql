-- Lines of cancellations: money given back for the order they take back. One row per line.
-- Where no such order is in the books the line keeps its own number, which is no order's
-- (unknown_reference).
{{ config(enabled='online_retail' in var('sources')) }}
select
    lines.invoice_date as refund_date,
    lines.unparsable_column,
    lines.raw_table,
    lines.is_carrier,
    lines.file_name,
    lines.row_number,
    lines.loaded_at,
    lines.row_id,
    lines.raw_row,
    cast(null as integer) as line_number,
    lines.invoice || '-' || cast(lines.line_number as varchar) as refund_id,
    -lines.amount as refund_amount,
    case
        when lines.customer_id is not null then coalesce(cancelled.order_id, lines.invoice)
    end as order_id
from {{ ref('stg_online_retail__lines') }} as lines
left join {{ ref('stg_online_retail__cancelled_orders') }} as cancelled
    on lines.invoice = cancelled.invoice
    and lines.line_number = cancelled.line_number
where lines.is_cancellation
