-- The salon's price list of services, typed. One row per raw row.
{{ stage(
    source('salon', 'salon_services'),
    columns={
        'product_code': 'id from Code',
        'product_name': 'text from Desc',
        'category': 'code from Cate',
        'list_price': 'amount from Price',
        'unit_cost': 'amount from Cost',
    }
) }}
