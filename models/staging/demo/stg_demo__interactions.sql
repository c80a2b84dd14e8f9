-- Raw interactions of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'interactions'),
    columns={
        'interaction_id': 'text',
        'customer_id': 'text',
        'interaction_date': 'date',
        'interaction_type': 'code',
    }
) }}
