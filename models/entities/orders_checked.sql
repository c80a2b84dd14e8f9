-- Raw rows of orders, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'orders',
    key=['order_id'],
    surrogate='order_sk',
    checks=[
        present('order_id'),
        present('customer_id'),
        present('order_date'),
        present('status'),
        plausible_day('order_date'),
        one_of('orders', 'status'),
        known('customer_id', 'customers'),
    ],
    told={
        'firm': [
            'customer_id',
            'clinic_id',
            "case when status = 'paid' then order_date end",
        ],
        'loose': ['order_date'],
    }
) }}
