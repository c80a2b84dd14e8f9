-- Rows of orders that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'orders',
    key=['order_id'],
    checks=[
        present('order_id'),
        present('customer_id'),
        present('order_date'),
        present('status'),
        plausible_day('order_date'),
        one_of('status', ['paid', 'pending', 'cancelled']),
        known('customer_id', 'customers'),
    ]
) }}
