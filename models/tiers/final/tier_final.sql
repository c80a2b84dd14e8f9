-- The headline tier (rulebook 3.17): the four-level model and RFM² lead (RFM where
-- there are no interactions), the lifecycle says who left.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='final',
    measures='customer_tiers',
    rungs=[
        {'tier': 'super', 'when': ["four_level_tier = 'super'"]},
        {'tier': 'churned', 'next': 'out', 'when': ["lifecycle_tier = 'lost'"]},
        {'tier': 'dormant', 'next': 'out', 'when': [
            ["lifecycle_tier = 'dormant'", "lifecycle_tier = 'dead'"],
        ]},
        {'tier': 'core', 'when': [
            "four_level_tier = 'repeat'",
            ["rfm2_tier = 'champions'", 'rfm2_tier = null'],
            ["rfm2_tier = 'champions'", "rfm_segment_tier = 'champions'"],
        ]},
        {'tier': 'repeat', 'when': ["four_level_tier = 'repeat'"]},
        {'tier': 'developing', 'when': ["four_level_tier = 'developing'"]},
        {'tier': 'trial', 'next': 'repeat', 'when': ["four_level_tier = 'trial'"]},
        {'tier': 'potential', 'next': 'trial', 'when': [
            ["four_level_tier = 'potential'", "four_level_tier = 'lead'"],
        ]},
    ]
) }}
