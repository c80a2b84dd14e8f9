-- Seven-stage lifecycle (article 001 §03), over consumption days.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='lifecycle',
    measures='tier_inputs',
    feed='consumption',
    rungs=[
        {'tier': 'loyal', 'when': [
            'days_since_consumption <= lifecycle_loyal_within_days',
            'consumption_days[lifecycle_loyal_within_days] >= lifecycle_loyal_min_days',
        ]},
        {'tier': 'active', 'when': [
            'days_since_consumption <= lifecycle_active_within_days',
            'consumption_days[lifecycle_active_within_days] >= lifecycle_active_min_days',
        ]},
        {'tier': 'effective', 'next': 'active', 'further': ['loyal'], 'when': [
            'days_since_consumption <= lifecycle_effective_within_days',
            'consumption_days[lifecycle_effective_within_days] >= lifecycle_effective_min_days',
        ]},
        {'tier': 'newbie', 'next': 'effective', 'when': [
            'days_since_consumption <= lifecycle_newbie_within_days',
            'consumption_days_lifetime <= lifecycle_newbie_max_days',
        ]},
        {'tier': 'lapsing', 'next': 'effective', 'further': ['loyal', 'active'], 'when': [
            'days_since_consumption < lifecycle_dormant_from_days',
        ]},
        {'tier': 'dormant', 'next': 'effective', 'further': ['loyal', 'active'], 'when': [
            'days_since_consumption < lifecycle_dead_from_days',
        ]},
        {'tier': 'dead', 'next': 'effective', 'when': [
            'days_since_consumption < lifecycle_lost_from_days',
        ]},
        {'tier': 'lost', 'next': 'effective', 'when': [
            'days_since_consumption >= lifecycle_lost_from_days',
        ]},
        {'tier': 'potential', 'next': 'newbie', 'when': ['days_since_consumption = null']},
    ]
) }}
