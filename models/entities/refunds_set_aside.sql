-- Rows of refunds that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'refunds',
    key=['refund_id'],
    checks=[
        present('refund_id'),
        present('order_id'),
        present('refund_date'),
        present('refund_amount'),
        plausible_day('refund_date'),
        plausible_amount('refund_amount', 'max_line_amount'),
        known('order_id', 'orders'),
        in_sequence('known_order_id.order_date', 'staged.refund_date', 'refund_date'),
        at_most_paid('refund_amount', day='refund_date', key='refund_id'),
    ]
) }}
