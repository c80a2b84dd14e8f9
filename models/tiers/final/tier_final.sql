-- The headline tier (rulebook 3.17): the four-level model and RFM² lead (RFM where
-- there are no interactions), the lifecycle says who left; a core customer brings money.
-- One row per customer, as-of date and rule set.
{%- set worth = [
    "clv_tier_tier = 'strategic'",
    "clv_tier_tier = 'core'",
    "member_tier = 'diamond'",
    "member_tier = 'platinum'",
] %}
{{ ladder(
    model='final',
    measures='customer_tiers',
    feed='orders',
    rungs=[
        {'tier': 'super', 'when': ["four_level_tier = 'super'"]},
        {'tier': 'churned', 'next': 'out', 'when': ["lifecycle_tier = 'lost'"]},
        {'tier': 'dormant', 'next': 'out', 'when': [
            ["lifecycle_tier = 'dormant'", "lifecycle_tier = 'dead'"],
        ]},
        {'tier': 'core', 'when': [
            "four_level_tier = 'repeat'",
            ["rfm2_tier = 'champions'", 'rfm2_tier = null'] + worth,
            ["rfm2_tier = 'champions'", "rfm_segment_tier = 'champions'"] + worth,
            ['net_amount[final_core_window] >= final_core_min_amount'] + worth,
        ]},
        {'tier': 'repeat', 'when': ["four_level_tier = 'repeat'"]},
        {'tier': 'developing', 'next': 'repeat', 'further': ['core'], 'when': [
            "four_level_tier = 'developing'",
        ]},
        {'tier': 'trial', 'next': 'repeat', 'further': ['core'], 'when': [
            "four_level_tier = 'trial'",
        ]},
        {'tier': 'potential', 'next': 'trial', 'when': [
            ["four_level_tier = 'potential'", "four_level_tier = 'lead'"],
        ]},
    ]
) }}
