-- Clusters of the silent customers by what they do in the private domain (article 000
-- §2.4), named by their dominant behaviour, mixed without one; silent without the interactions feed.
-- One row per customer, as-of date and rule set.
{{ ladder(
    model='private_domain',
    measures='tier_inputs',
    feed='interactions',
    rungs=[
        {'tier': 'not_silent', 'when': ['behaviour = null']},
        {'tier': 'coupon_user', 'next': 'out', 'when': ["behaviour = 'coupon_used'"]},
        {'tier': 'coupon_collector', 'next': 'out', 'when': ["behaviour = 'coupon_claimed'"]},
        {'tier': 'live_talker', 'next': 'out', 'when': ["behaviour = 'live_chat'"]},
        {'tier': 'silent_viewer', 'next': 'out', 'when': ["behaviour = 'live_watch'"]},
        {'tier': 'community_only', 'next': 'out', 'when': ["behaviour = 'community_post'"]},
        {'tier': 'browser', 'next': 'out', 'when': ["behaviour = 'page_view'"]},
        {'tier': 'mixed', 'next': 'out', 'when': ["behaviour = 'mixed'"]},
    ]
) }}
