-- Value level, the first axis of value growth × price sensitivity (article 000 §3.4).
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='clv_level',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'high', 'when': ['clv_amount >= clv_level_high_min_amount']},
        {'tier': 'mid', 'when': ['clv_amount >= clv_level_mid_min_amount']},
        {'tier': 'low'},
    ]
) }}
