-- Medical value, the horizontal axis of the dual-axis model (article 000 §3.3).
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='dual_value',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'a', 'when': [
            'net_amount[dual_value_window] >= dual_a_min_amount',
            'referral_conversion_rate[dual_value_window] >= dual_a_min_conversion',
        ]},
        {'tier': 'b', 'when': [
            'purchases[dual_value_window] >= dual_b_min_purchases',
            'average_order_value >= dual_b_min_order_value',
        ]},
        {'tier': 'c', 'next': 'b', 'when': ['purchases_lifetime = dual_c_purchases']},
        {'tier': 'general'},
    ]
) }}
