-- Raw products of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'products'),
    columns={
        'product_id': 'text',
        'product_name': 'text',
        'category': 'code',
        'department': 'code',
        'is_light_medical': 'boolean',
        'list_price': 'amount',
        'unit_cost': 'amount',
    }
) }}
