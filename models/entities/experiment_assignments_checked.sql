-- Raw rows of experiment_assignments, typed once, each with the fault that keeps it out (null: none).
-- One row per staged raw row.
{{ checked(
    'experiment_assignments',
    key=['experiment_id', 'customer_id'],
    checks=[
        present('experiment_id'),
        present('customer_id'),
        present('arm'),
        present('assigned_date'),
        plausible_day('assigned_date'),
        known('customer_id', 'customers'),
    ]
) }}
