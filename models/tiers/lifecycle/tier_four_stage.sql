-- Four-stage lifecycle (article 000 §2.3); silent without the outreach feed.
-- One row per customer, as-of date and rule set.
{%- set bought = 'purchases_lifetime >= four_stage_buyer_min_purchases' %}
{{ ladder(
    model='four_stage',
    measures='tier_inputs',
    feed='outreach',
    rungs=[
        {'tier': 'churned', 'next': 'out', 'when': [
            bought,
            [
                'visits[four_stage_silence_window] < four_stage_awake_min_visits',
                'visits_lifetime = null',
            ],
            'responses[four_stage_silence_window] < four_stage_awake_min_responses',
            'purchases[four_stage_silence_window] < four_stage_awake_min_purchases',
        ]},
        {'tier': 'repeat', 'when': [
            [
                'max_category_purchases >= four_stage_repeat_min_purchases',
                'categories_lifetime >= four_stage_repeat_min_categories',
            ],
            'net_amount[four_stage_amount_window] >= four_stage_repeat_min_amount',
        ]},
        {'tier': 'trial', 'next': 'repeat', 'when': [
            bought,
            [
                'days_to_second_purchase = null',
                'days_to_second_purchase > four_stage_trial_within_days',
            ],
            'purchases_lifetime < four_stage_trial_below_purchases',
        ]},
        {'tier': 'developing', 'when': [bought]},
        {'tier': 'potential', 'next': 'trial', 'when': [
            [
                'purchases_lifetime = null',
                'purchases_lifetime < four_stage_buyer_min_purchases',
            ],
        ]},
    ]
) }}
