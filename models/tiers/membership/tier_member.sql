-- Membership (article 000 §1.2): upgrades at once, downgrades after a grace period and
-- one rung at a time, from the history of amounts alone; orders refunded in full earn none.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='member',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'diamond', 'when': [[
            'earning_amount[membership_window] >= membership_diamond_min_amount',
            'diamond_unearned_days <= membership_grace_days',
        ]]},
        {'tier': 'platinum', 'when': [[
            'earning_amount[membership_window] >= membership_platinum_min_amount',
            'platinum_unearned_days <= membership_grace_days',
        ]]},
        {'tier': 'gold', 'when': [[
            'earning_amount[membership_window] >= membership_gold_min_amount',
            'gold_unearned_days <= membership_grace_days',
        ]]},
        {'tier': 'silver', 'when': [[
            'earning_amount[membership_window] >= membership_silver_min_amount',
            'silver_unearned_days <= membership_grace_days',
        ]]},
        {'tier': 'bronze'},
    ]
) }}
