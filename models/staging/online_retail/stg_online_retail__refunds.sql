-- Lines of cancellations: money given back for the order they take back. Where none is
-- found the line keeps its own invoice, which is no order (unknown_reference).
-- One row per line.
{{ config(enabled='online_retail' in var('sources')) }}
select
    listed.invoice_date as refund_date,
    listed.unparsable_column,
    listed.raw_table,
    listed.is_carrier,
    listed.file_name,
    listed.row_number,
    listed.loaded_at,
    listed.row_id,
    listed.file_part,
    cast(null as integer) as line_number,
    listed.invoice || '-' || cast(listed.line_number as varchar) as refund_id,
    -listed.amount as refund_amount,
    case
        when listed.customer_id is not null
            then coalesce(cancelled.order_id, listed.invoice)
    end as order_id
from {{ ref('stg_online_retail__lines') }} as listed
left join {{ ref('stg_online_retail__cancelled_orders') }} as cancelled
    on
        listed.invoice = cancelled.invoice
        and listed.line_number = cancelled.line_number
where listed.is_cancellation
