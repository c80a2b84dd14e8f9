-- Customer pyramid (article 004 §1): who makes the first 80 % of the year's gross
-- profit, or who the first 20 % of buyers are (var pyramid_top_by).
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='pyramid',
    measures='tier_inputs',
    feed='orders',
    versus=['top_share_limit'],
    rungs=[
        {'tier': 'negative', 'next': 'bottom', 'when': [
            'profit_amount < pyramid_loss_below_amount',
        ]},
        {'tier': 'none', 'next': 'bottom', 'when': ['profit_amount = null']},
        {'tier': 'top', 'when': ['top_share_before < top_share_limit']},
        {'tier': 'middle', 'when': ['profit_share_before < pyramid_middle_profit_share']},
        {'tier': 'bottom'},
    ]
) }}
