-- Raw experiment assignments of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'experiment_assignments'),
    columns={
        'experiment_id': 'text',
        'customer_id': 'text',
        'arm': 'code',
        'assigned_date': 'date',
    }
) }}
