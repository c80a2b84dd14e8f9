-- Raw order items of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'order_items'),
    columns={
        'order_id': 'text',
        'line_number': 'integer',
        'product_id': 'text',
        'quantity': 'integer',
        'list_amount': 'amount',
        'net_amount': 'amount',
    }
) }}
