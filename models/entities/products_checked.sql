-- Raw rows of products, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'products',
    key=['product_id'],
    surrogate='product_sk',
    checks=[
        present('product_id'),
        plausible_amount('list_price', 'max_unit_price'),
        plausible_amount('unit_cost', 'max_unit_price'),
    ]
) }}
