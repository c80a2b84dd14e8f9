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
        {'tier': 'important_develop', 'when': [recent, rare, big]},
        {'tier': 'important_retain', 'when': [remote, frequent, big]},
        {'tier': 'important_winback', 'when': [remote, rare, big]},
        {'tier': 'general_value', 'when': [recent, frequent, small]},
        {'tier': 'general_develop', 'when': [recent, rare, small]},
        {'tier': 'general_retain', 'when': [remote, frequent, small]},
        {'tier': 'general_winback', 'when': [remote, rare, small]},
        {'tier': 'no_purchase', 'when': [
            ['recency_score = null', 'frequency_score = null', 'monetary_score = null'],
        ]},
    ]
) }}
