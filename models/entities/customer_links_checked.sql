-- Raw rows of customer_links, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'customer_links',
    key=['link_id'],
    checks=[
        present('link_id'),
        present('customer_id'),
        present('same_as_customer_id'),
        readable('is_active'),
        plausible_day('recorded_date'),
        distinct_from('customer_id', 'same_as_customer_id'),
        known('customer_id', 'customers'),
        known('same_as_customer_id', 'customers', 'customer_id', 'same_as_record_sk'),
    ]
) }}
