-- Raw customer links of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'customer_links'),
    columns={
        'link_id': 'text',
        'customer_id': 'text',
        'same_as_customer_id': 'text',
        'is_active': 'boolean',
        'recorded_date': 'date',
    }
) }}
