-- Rows of customers that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'customers',
    key=['customer_id'],
    checks=[
        present('customer_id'),
        plausible_day('registered_date'),
        one_of('motivation', ['efficacy', 'experience']),
    ]
) }}
