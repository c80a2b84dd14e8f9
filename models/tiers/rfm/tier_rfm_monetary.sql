-- RFM monetary class (article 000 §2.1): how much the customer spent in a year, net.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='rfm_monetary',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'high', 'when': ['net_amount[rfm_monetary_window] >= rfm_high_min_amount']},
        {'tier': 'mid', 'when': ['net_amount[rfm_monetary_window] >= rfm_mid_min_amount']},
        {'tier': 'low'},
    ]
) }}
