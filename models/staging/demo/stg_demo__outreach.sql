-- Raw outreach of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'outreach'),
    columns={
        'outreach_id': 'text',
        'customer_id': 'text',
        'contact_date': 'date',
        'campaign': 'text',
        'contact_channel': 'code',
        'cost_amount': 'amount',
        'has_responded': 'boolean',
        'response_date': 'date',
    }
) }}
