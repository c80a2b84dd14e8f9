-- Raw orders of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'orders'),
    columns={
        'order_id': 'text',
        'customer_id': 'text',
        'clinic_id': 'text',
        'order_date': 'date',
        'status': 'code',
    }
) }}
