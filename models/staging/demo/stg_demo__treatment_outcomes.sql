-- Raw treatment outcomes of the demo chain, typed. One row per raw row.
{{ stage(
    source('demo', 'treatment_outcomes'),
    columns={
        'outcome_id': 'text',
        'customer_id': 'text',
        'visit_id': 'text',
        'outcome_date': 'date',
        'has_complication': 'boolean',
        'follow_up_due_date': 'date',
        'is_follow_up_kept': 'boolean',
    }
) }}
