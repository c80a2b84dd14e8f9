-- Lifecycle, the vertical axis of the dual-axis model (article 000 §3.3): days since
-- the last treatment or purchase. One row per customer, as-of date and rule set.
{{ ladder(
    model='dual_stage',
    measures='tier_inputs',
    feed='consumption',
    rungs=[
        {'tier': 'active', 'when': ['days_since_consumption <= dual_active_within_days']},
        {'tier': 'cooling', 'next': 'active', 'when': [
            'days_since_consumption < dual_silent_from_days',
        ]},
        {'tier': 'silent', 'next': 'active', 'when': [
            'days_since_consumption <= dual_churned_after_days',
        ]},
        {'tier': 'churned', 'next': 'active', 'when': [
            'days_since_consumption > dual_churned_after_days',
        ]},
        {'tier': 'never', 'next': 'active', 'when': ['days_since_consumption = null']},
    ]
) }}
