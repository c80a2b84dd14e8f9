-- RFM frequency class (article 000 §2.1): how often the customer bought in a year.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='rfm_frequency',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'fan', 'when': ['purchases[rfm_frequency_window] >= rfm_fan_min_purchases']},
        {'tier': 'repeat', 'when': ['purchases[rfm_frequency_window] >= rfm_repeat_min_purchases']},
        {'tier': 'one_off', 'when': ['purchases[rfm_frequency_window] >= rfm_one_off_min_purchases']},
        {'tier': 'none'},
    ]
) }}
