-- Invoice lines, typed; a table, since six models read it. A sheet is a delivery: the
-- later one replaces the days that both hold. The place on the invoice numbers a line.
-- One row per raw row.
{{ config(materialized='table') }}
with lines as (
    {{ stage(
        source('online_retail', 'uci_online_retail_ii'),
        columns={
            'invoice': 'id from invoice',
            'stock_code': 'id from stock_code',
            'product_name': 'text from description',
            'quantity': 'integer from quantity',
            'invoice_date': 'date from invoice_ts',
            'invoice_time': 'text from invoice_ts',
            'unit_price': 'number from unit_price',
            'customer_id': 'id from customer_id',
            'country': 'text from country',
            'sheet': 'text from sheet',
        }
    ) | indent(4) }}
),

deliveries as (
    select
        invoice,
        stock_code,
        product_name,
        quantity,
        invoice_date,
        invoice_time,
        unit_price,
        customer_id,
        country,
        unparsable_column,
        raw_table,
        is_carrier,
        row_number,
        loaded_at,
        row_id,
        sheet as file_part,
        file_name || coalesce(' [' || sheet || ']', '') as file_name
    from lines
)

select
    *,
    cast(quantity * unit_price as decimal(18, 2)) as amount,
    cast(row_number() over (
        partition by file_name, loaded_at, invoice
        order by row_number asc
    ) as integer) as line_number,
    invoice like 'C%' as is_cancellation
from deliveries
