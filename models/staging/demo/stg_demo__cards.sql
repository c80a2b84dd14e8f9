-- Raw cards of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'cards'),
    columns={
        'card_id': 'text',
        'customer_id': 'text',
        'product_id': 'text',
        'clinic_id': 'text',
        'opened_date': 'date',
        'expires_date': 'date',
        'sessions_total': 'integer',
        'sessions_used': 'integer',
    }
) }}
