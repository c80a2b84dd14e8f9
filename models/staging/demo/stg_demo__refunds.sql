-- Raw refunds of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'refunds'),
    columns={
        'refund_id': 'text',
        'order_id': 'text',
        'line_number': 'integer',
        'refund_date': 'date',
        'refund_amount': 'amount',
    }
) }}
