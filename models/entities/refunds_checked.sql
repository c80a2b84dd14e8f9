-- Raw rows of refunds, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'refunds',
    key=['refund_id'],
    checks=[
        present('refund_id'),
        present('order_id'),
        present('refund_date'),
        present('refund_amount'),
        plausible_day('refund_date'),
        plausible_amount('refund_amount', 'max_line_amount'),
        known('order_id', 'orders', carried={'order_date': 'order_date'}),
        in_sequence('staged.order_date', 'staged.refund_date', 'refund_date'),
        at_most_paid('refund_amount'),
    ],
    told={'firm': ['order_id'], 'loose': ['refund_date']},
    copies={'allowed_amount': 'refund_amount'},
    hooks=["{{ cap_at_paid('refund_amount', 'allowed_amount') }}"]
) }}
