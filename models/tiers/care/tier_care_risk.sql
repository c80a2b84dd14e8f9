-- Care risk after treatments (article 000 §1.2): of an answer given, a complication noted
-- and a follow-up due within the care window. Medical data.
-- One row per customer, as-of date and rule set.
{%- set harmed = [
    'complications[care_window] >= care_intervene_min_complications',
    'overdue_follow_ups[care_window] >= care_intervene_min_overdue',
] %}
{{ ladder(
    model='care_risk',
    measures='medical_measures',
    rungs=[
        {'tier': 'intervene', 'next': 'out', 'when': [
            ['postop_satisfaction_score <= care_intervene_max_satisfaction'] + harmed,
            ['days_since_postop_satisfaction_score <= care_window'] + harmed,
        ]},
        {'tier': 'watch', 'next': 'out', 'when': [
            'latest_nps_score <= care_watch_max_nps',
            'days_since_nps_score <= care_window',
        ]},
        {'tier': 'unknown', 'next': 'out', 'when': [
            [
                'postop_satisfaction_score = null',
                'days_since_postop_satisfaction_score > care_window',
            ],
            ['latest_nps_score = null', 'days_since_nps_score > care_window'],
            [
                'outcomes[care_window] = null',
                'outcomes[care_window] < care_known_min_outcomes',
            ],
        ]},
        {'tier': 'ok', 'next': 'out'},
    ]
) }}
