-- The salon's price list of retail goods, typed. One row per raw row.
{{ stage(
    source('salon', 'salon_products'),
    columns={
        'product_code': 'id from Code',
        'product_name': 'text from Description',
        'category': 'code from Category',
        'list_price': 'amount from Price',
        'unit_cost': 'amount from Cost',
    }
) }}
