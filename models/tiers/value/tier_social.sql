-- Social value by referrals (article 000 §2.5); silent without the referrals feed.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='social',
    measures='tier_inputs',
    feed='referrals',
    rungs=[
        {'tier': 'super_spreader', 'when': [
            'referrals_made[social_window] >= social_spreader_min_referrals',
        ]},
        {'tier': 'advocate', 'when': [
            'referrals_made[social_window] >= social_advocate_min_referrals',
        ]},
        {'tier': 'referrer', 'when': [
            'referrals_made[social_window] >= social_referrer_min_referrals',
        ]},
        {'tier': 'none'},
    ]
) }}
