-- Whether the next twelve months promise much more than the last ones (article 000
-- §2.5). One row per customer, as-of date and rule set.
{{ ladder(
    model='clv_growth',
    measures='tier_inputs',
    rungs=[
        {'tier': 'high_growth', 'when': ['clv_growth_rate >= clv_high_growth_min_rate']},
        {'tier': 'unknown', 'next': 'out', 'when': ['clv_growth_rate = null']},
        {'tier': 'steady'},
    ]
) }}
