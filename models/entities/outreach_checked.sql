-- Raw rows of outreach, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
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
    ],
    told={'firm': ['customer_id'], 'loose': ['contact_date']}
) }}
