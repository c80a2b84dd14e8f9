-- Receipt lines, typed. One row per raw row. Clients may share a receipt, so the two
-- make the order. WALK_IN means that nobody was named: like a blank, it is no client;
-- its lines are rejected (missing_value), not pooled into one customer.
with lines as (
    {{ stage(
        source('salon', 'salon_receipts'),
        columns={
            'receipt_id': 'id from Receipt',
            'order_date': 'date from Date',
            'product_name': 'text from Description',
            'client_code': 'id from Client',
            'quantity': 'integer from Quantity',
            'amount': 'amount from Amount',
        },
        date_formats=['%m/%d/%Y']
    ) | indent(4) }}
),

named as (
    select
        *,
        nullif(client_code, 'WALK_IN') as customer_id
    from lines
)

select
    *,
    cast(row_number() over (
        partition by file_name, loaded_at, receipt_id, customer_id
        order by row_number asc
    ) as integer) as receipt_line,
    receipt_id || '-' || customer_id as order_id
from named
