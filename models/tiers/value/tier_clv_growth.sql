-- Whether the next twelve months promise much more than the last ones (article 000
-- §2.5); without a year's base nothing is said: growth from little is but regression to the
-- mean. One row per customer, as-of date and rule set.
{{ ladder(
    model='clv_growth',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'unknown', 'next': 'out', 'when': [[
            'net_amount[clv_growth_window] < clv_growth_min_amount',
            'days_as_buyer < clv_growth_window',
        ]]},
        {'tier': 'high_growth', 'when': ['clv_growth_rate >= clv_high_growth_min_rate']},
        {'tier': 'steady'},
    ]
) }}
