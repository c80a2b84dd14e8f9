-- The eight RFM segments (articles 002, 003, 004 §1): each score above or below its
-- cut.
-- One row per customer, as-of date and rule set.
{%- set recent = 'recency_score > recency_cut' %}
{%- set remote = 'recency_score <= recency_cut' %}
{%- set frequent = 'frequency_score > frequency_cut' %}
{%- set rare = 'frequency_score <= frequency_cut' %}
{%- set big = 'monetary_score > monetary_cut' %}
{%- set small = 'monetary_score <= monetary_cut' %}
{{ ladder(
    model='rfm_segment',
    measures='rfm_scores',
    versus=['recency_cut', 'frequency_cut', 'monetary_cut'],
    rungs=[
        {'tier': 'champions', 'when': [recent, frequent, big]},
        {'tier': 'important_develop', 'next': 'champions', 'when': [recent, rare, big]},
        {'tier': 'important_retain', 'next': 'champions', 'when': [remote, frequent, big]},
        {'tier': 'important_winback', 'next': 'important_develop', 'when': [remote, rare, big]},
        {'tier': 'general_value', 'next': 'champions', 'when': [recent, frequent, small]},
        {'tier': 'general_develop', 'next': 'general_value', 'when': [recent, rare, small]},
        {'tier': 'general_retain', 'next': 'general_value', 'when': [remote, frequent, small]},
        {'tier': 'general_winback', 'next': 'general_develop', 'when': [remote, rare, small]},
        {'tier': 'no_purchase', 'next': 'general_develop', 'when': [
            ['recency_score = null', 'frequency_score = null', 'monetary_score = null'],
        ]},
    ]
) }}
