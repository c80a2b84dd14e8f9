-- Rows of experiment_assignments that are not served, with the reason.
-- One row per raw row set aside.
{{ set_aside(
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
