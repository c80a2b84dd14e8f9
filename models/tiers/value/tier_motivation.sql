-- What moves the customer, as the CRM has it (article 000 §2.2): effect or experience.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='motivation',
    measures='tier_inputs',
    rungs=[
        {'tier': 'efficacy', 'next': 'out', 'when': ["motivation = 'efficacy'"]},
        {'tier': 'experience', 'next': 'out', 'when': ["motivation = 'experience'"]},
        {'tier': 'unknown', 'next': 'out', 'when': ['motivation = null']},
    ]
) }}
