-- RFM recency class (article 000 §2.1): how long ago the customer last bought.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='rfm_recency',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'active', 'when': ['days_since_purchase <= rfm_active_within_days']},
        {'tier': 'cooling', 'next': 'active', 'when': ['days_since_purchase < rfm_lapsed_from_days']},
        {'tier': 'lapsed', 'next': 'active', 'when': ['days_since_purchase <= rfm_churned_after_days']},
        {'tier': 'churned', 'next': 'active', 'when': ['days_since_purchase > rfm_churned_after_days']},
        {'tier': 'never', 'next': 'active', 'when': ['days_since_purchase = null']},
    ]
) }}
