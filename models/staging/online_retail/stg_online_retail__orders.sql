-- Order headers, derived: the invoices with a customer, sold to the country named.
-- One row per sheet and invoice, carried by the invoice's first line.
{{ config(enabled='online_retail' in var('sources')) }}
select
    invoice as order_id,
    customer_id,
    country as clinic_id,
    invoice_date as order_date,
    'paid' as status,
    cast(null as varchar) as unparsable_column,
    raw_table,
    false as is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part
from {{ ref('stg_online_retail__lines') }}
where
    not is_cancellation
    and line_number = 1
    and customer_id is not null
    and invoice_date is not null
