-- Price sensitivity, the second axis of value growth × price sensitivity (article 000
-- §3.4), over purchases with a list price.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='price_sensitivity',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'unknown', 'next': 'out', 'when': [
            'priced_purchases_lifetime < sensitivity_min_purchases',
        ]},
        {'tier': 'high', 'next': 'low', 'when': [[
            'discounted_purchase_share >= sensitivity_high_min_share',
            'average_discount_share >= sensitivity_high_min_discount',
        ]]},
        {'tier': 'low', 'next': 'out', 'when': [
            ['discounted_purchase_share < sensitivity_high_min_share',
             'discounted_purchase_share = null'],
            ['average_discount_share < sensitivity_high_min_discount',
             'average_discount_share = null'],
        ]},
    ]
) }}
