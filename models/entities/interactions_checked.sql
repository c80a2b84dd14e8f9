-- Raw rows of interactions, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'interactions',
    key=['interaction_id'],
    checks=[
        present('interaction_id'),
        present('customer_id'),
        present('interaction_date'),
        present('interaction_type'),
        plausible_day('interaction_date'),
        one_of('interactions', 'interaction_type'),
        known('customer_id', 'customers'),
    ],
    told={'firm': ['customer_id'], 'loose': ['interaction_date']}
) }}
