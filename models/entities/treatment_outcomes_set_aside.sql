-- Rows of treatment_outcomes that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
    'treatment_outcomes',
    key=['outcome_id'],
    checks=[
        present('outcome_id'),
        present('customer_id'),
        present('outcome_date'),
        plausible_day('outcome_date'),
        in_sequence('staged.outcome_date', 'staged.follow_up_due_date', 'follow_up_due_date'),
        known('customer_id', 'customers'),
    ]
) }}
