-- Tiers by customer lifetime value (article 000 §2.5, §2.4).
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='clv_tier',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'strategic', 'when': ['clv_amount >= clv_strategic_min_amount']},
        {'tier': 'core', 'when': ['clv_amount >= clv_core_min_amount']},
        {'tier': 'standard'},
    ]
) }}
