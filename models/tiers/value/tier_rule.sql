-- Rule tiers by recency, frequency and amount (article 004 §2.2).
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='rule',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'high_value', 'when': [
            'days_since_purchase <= rule_high_value_within_days',
            'purchases_lifetime > rule_high_value_above_purchases',
            'net_amount_lifetime > rule_high_value_above_amount',
        ]},
        {'tier': 'growth', 'when': [
            'days_since_purchase > rule_high_value_within_days',
            'days_since_purchase <= rule_growth_within_days',
            'purchases_lifetime >= rule_growth_min_purchases',
            'purchases_lifetime <= rule_growth_max_purchases',
            'net_amount_lifetime >= rule_growth_min_amount',
            'net_amount_lifetime < rule_growth_below_amount',
        ]},
        {'tier': 'win_back', 'next': 'high_value', 'when': [
            'days_since_purchase > rule_growth_within_days',
            [
                'purchases_lifetime > rule_high_value_above_purchases',
                'net_amount_lifetime > rule_high_value_above_amount',
            ],
        ]},
        {'tier': 'general', 'next': 'high_value', 'when': [
            'days_since_purchase != null',
        ]},
        {'tier': 'prospect', 'next': 'out', 'when': ['days_since_purchase = null']},
    ]
) }}
