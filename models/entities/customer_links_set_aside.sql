-- Rows of customer_links that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'customer_links',
    key=['link_id'],
    checks=[
        present('link_id'),
        present('customer_id'),
        present('same_as_customer_id'),
        plausible_day('recorded_date'),
        distinct_from('customer_id', 'same_as_customer_id'),
        known('customer_id', 'customers'),
        known('same_as_customer_id', 'customers', 'customer_id'),
    ]
) }}
