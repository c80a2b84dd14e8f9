-- Raw visits of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'visits'),
    columns={
        'visit_id': 'text',
        'customer_id': 'text',
        'clinic_id': 'text',
        'visit_date': 'date',
        'visit_type': 'code',
        'status': 'code',
        'department': 'code',
        'product_id': 'text',
    }
) }}
