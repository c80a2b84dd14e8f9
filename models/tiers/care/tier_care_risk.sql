-- Care risk after treatments (article 000 §1.2). Medical data.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='care_risk',
    measures='medical_measures',
    rungs=[
        {'tier': 'intervene', 'next': 'out', 'when': [[
            'postop_satisfaction_score <= care_intervene_max_satisfaction',
            'complications[care_window] >= care_intervene_min_complications',
            'overdue_follow_ups[care_window] >= care_intervene_min_overdue',
        ]]},
        {'tier': 'watch', 'next': 'out', 'when': [
            'latest_nps_score <= care_watch_max_nps',
        ]},
        {'tier': 'unknown', 'next': 'out', 'when': [
            'postop_satisfaction_score = null',
            'latest_nps_score = null',
            [
                'outcomes_lifetime = null',
                'outcomes_lifetime < care_known_min_outcomes',
            ],
        ]},
        {'tier': 'ok', 'next': 'out'},
    ]
) }}
