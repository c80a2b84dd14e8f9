-- Rows of order_items that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'order_items',
    key=['order_id', 'line_number'],
    checks=[
        present('order_id'),
        present('line_number'),
        present('net_amount'),
        plausible_amount('quantity', 'max_quantity'),
        plausible_amount('list_amount', 'max_line_amount'),
        plausible_amount('net_amount', 'max_line_amount'),
        known('order_id', 'orders'),
    ]
) }}
