-- Rows of outreach that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'outreach',
    key=['outreach_id'],
    checks=[
        present('outreach_id'),
        present('customer_id'),
        present('contact_date'),
        plausible_day('contact_date'),
        plausible_amount('cost_amount', 'max_line_amount'),
        in_sequence('staged.contact_date', 'staged.response_date', 'response_date'),
        known('customer_id', 'customers'),
    ]
) }}
