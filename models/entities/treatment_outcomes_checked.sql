-- Raw rows of treatment_outcomes, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'treatment_outcomes',
    key=['outcome_id'],
    checks=[
        present('outcome_id'),
        present('customer_id'),
        present('outcome_date'),
        plausible_day('outcome_date'),
        in_sequence('staged.outcome_date', 'staged.follow_up_due_date', 'follow_up_due_date'),
        known('customer_id', 'customers'),
    ],
    told={'firm': ['customer_id'], 'loose': ['outcome_date']}
) }}
