-- Care risk after treatments (article 000 §1.2): of an answer given, a complication noted
-- and a follow-up due within the care window. Medical data.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='care_risk',
    measures='medical_measures',
    rungs=[
        {'tier': 'intervene', 'next': 'out', 'when': [[
            'recent_satisfaction[care_window] <= care_intervene_max_satisfaction',
            'complications[care_window] >= care_intervene_min_complications',
            'overdue_follow_ups[care_window] >= care_intervene_min_overdue',
        ]]},
        {'tier': 'watch', 'next': 'out', 'when': [
            'recent_nps[care_window] <= care_watch_max_nps',
        ]},
        {'tier': 'unknown', 'next': 'out', 'when': [
            'recent_satisfaction[care_window] = null',
            'recent_nps[care_window] = null',
            [
                'outcomes[care_window] = null',
                'outcomes[care_window] < care_known_min_outcomes',
            ],
        ]},
        {'tier': 'ok', 'next': 'out'},
    ]
) }}
