-- Raw rows of order_items, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'order_items',
    key=['order_id', 'line_number'],
    checks=[
        present('order_id'),
        present('line_number'),
        present('net_amount'),
        plausible_amount('quantity', 'max_quantity', unless='staged.net_amount < 0'),
        plausible_amount('list_amount', 'max_line_amount', unless='staged.net_amount < 0'),
        plausible_change('net_amount', 'max_line_amount'),
        plausible_amount('unit_cost', 'max_unit_price', unless='staged.net_amount < 0'),
        plausible_amount('cost_amount', 'max_line_amount', unless='staged.net_amount < 0'),
        known('order_id', 'orders'),
        known('product_id', 'products', is_required=false),
    ],
    told={'loose': ['product_id']},
    hooks=["{{ refuse_orders_below_zero('net_amount') }}"]
) }}
