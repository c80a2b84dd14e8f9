-- The ten RFM segments that other trades know, over the scores of recency and frequency.
-- Who buys is as recent as can be: no rung that a purchase skips is aimed at.
-- One row per customer, as-of date and rule set.
{%- set recent = 'recency_fifth >= rfm_ten_recent_min_score' %}
{%- set warm = 'recency_fifth >= rfm_ten_warm_min_score' %}
{%- set fair = 'recency_fifth >= rfm_ten_fair_min_score' %}
{%- set often = 'frequency_fifth >= rfm_ten_often_min_score' %}
{%- set regular = 'frequency_fifth >= rfm_ten_regular_min_score' %}
{%- set steady = 'frequency_fifth >= rfm_ten_steady_min_score' %}
{%- set repeat = 'frequency_fifth >= rfm_ten_repeat_min_score' %}
{{ ladder(
    model='rfm_ten',
    measures='tier_inputs',
    feed='orders',
    rungs=[
        {'tier': 'champions', 'when': [recent, regular]},
        {'tier': 'loyal', 'when': [fair, regular]},
        {'tier': 'potential_loyalist', 'next': 'champions', 'when': [warm, repeat]},
        {'tier': 'new', 'when': [recent]},
        {'tier': 'promising', 'next': 'potential_loyalist', 'when': [warm]},
        {'tier': 'need_attention', 'next': 'potential_loyalist', 'when': [fair, steady]},
        {'tier': 'about_to_sleep', 'next': 'potential_loyalist', 'when': [fair]},
        {'tier': 'cannot_lose', 'next': 'champions', 'when': [often]},
        {'tier': 'at_risk', 'next': 'champions', 'when': [steady]},
        {'tier': 'hibernating', 'next': 'potential_loyalist', 'when': ['recency_fifth != null']},
        {'tier': 'no_purchase', 'next': 'new', 'when': ['recency_fifth = null']},
    ]
) }}
