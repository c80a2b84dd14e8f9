-- Raw surveys of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'surveys'),
    columns={
        'survey_id': 'text',
        'customer_id': 'text',
        'survey_date': 'date',
        'nps_score': 'integer',
        'csat_score': 'integer',
        'postop_satisfaction_score': 'integer',
        'comment_text': 'text',
    }
) }}
