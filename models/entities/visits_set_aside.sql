-- Rows of visits that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'visits',
    key=['visit_id'],
    checks=[
        present('visit_id'),
        present('customer_id'),
        present('visit_date'),
        present('status'),
        plausible_day('visit_date', unless="staged.status in ('booked', 'cancelled')"),
        one_of('visit_type', ['consultation', 'treatment', 'follow_up', 'skin_test']),
        one_of('status', ['arrived', 'booked', 'cancelled', 'no_show']),
        known('customer_id', 'customers'),
    ]
) }}
