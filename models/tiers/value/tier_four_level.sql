-- Four-level super-customer model (article 000 §3.1).
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='four_level',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'super', 'when': [
            'clv_amount >= four_level_super_min_clv',
            'referrals_made[four_level_window] >= four_level_super_min_referrals',
        ]},
        {'tier': 'repeat', 'when': [
            'purchases[four_level_window] >= four_level_repeat_min_purchases',
            [
                'categories_lifetime >= four_level_repeat_min_categories',
                'categories_lifetime = null',
            ],
        ]},
        {'tier': 'trial', 'next': 'repeat', 'when': [
            'purchases_lifetime >= four_level_buyer_min_purchases',
            'max_order_amount <= four_level_trial_max_order_amount',
        ]},
        {'tier': 'developing', 'when': [
            'purchases_lifetime >= four_level_buyer_min_purchases',
        ]},
        {'tier': 'potential', 'next': 'trial', 'when': [
            'skin_tests_lifetime >= four_level_potential_min_skin_tests',
        ]},
        {'tier': 'lead', 'next': 'trial'},
    ]
) }}
