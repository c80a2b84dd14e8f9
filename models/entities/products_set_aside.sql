-- Rows of products that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'products',
    key=['product_id'],
    checks=[
        present('product_id'),
        plausible_amount('list_price', 'max_unit_price'),
        plausible_amount('unit_cost', 'max_unit_price'),
    ]
) }}
