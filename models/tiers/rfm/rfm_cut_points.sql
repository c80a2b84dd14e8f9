-- The cut points between the scores 1 to 5: population quintiles, or the policy's
-- values (var rfm_score_method). One row per as-of date and rule set.
{{ config(meta={'recompute': 'everything'}) }}
{%- set method = one_of_values('rfm_score_method', ['quantile', 'threshold']) %}
{%- set policy = policy_row([
    'rfm_recency_score_5_max_days', 'rfm_recency_score_4_max_days',
    'rfm_recency_score_3_max_days', 'rfm_recency_score_2_max_days',
    'rfm_frequency_score_2_min_purchases', 'rfm_frequency_score_3_min_purchases',
    'rfm_frequency_score_4_min_purchases', 'rfm_frequency_score_5_min_purchases',
    'rfm_monetary_score_2_min_amount', 'rfm_monetary_score_3_min_amount',
    'rfm_monetary_score_4_min_amount', 'rfm_monetary_score_5_min_amount',
]) %}
{% if method == 'quantile' %}
    with cuts as (
        select
            as_of_date,
            ruleset,
            {{ quintiles('recency_days') }} as recency,
            {{ quintiles('frequency') }} as frequency,
            {{ quintiles('monetary_amount') }} as monetary
        from {{ ref('rfm_inputs') }}
        group by as_of_date, ruleset
    )

    select
        as_of_date,
        ruleset,
        {{ numbered_cuts('recency') }},
        {{ numbered_cuts('frequency') }},
        {{ numbered_cuts('monetary') }}
    from cuts
{% else %}
    with policy as (
        {{ policy }}
    )

    select
        as_of_date,
        ruleset,
        rfm_recency_score_5_max_days as recency_1,
        rfm_recency_score_4_max_days as recency_2,
        rfm_recency_score_3_max_days as recency_3,
        rfm_recency_score_2_max_days as recency_4,
        rfm_frequency_score_2_min_purchases as frequency_1,
        rfm_frequency_score_3_min_purchases as frequency_2,
        rfm_frequency_score_4_min_purchases as frequency_3,
        rfm_frequency_score_5_min_purchases as frequency_4,
        rfm_monetary_score_2_min_amount as monetary_1,
        rfm_monetary_score_3_min_amount as monetary_2,
        rfm_monetary_score_4_min_amount as monetary_3,
        rfm_monetary_score_5_min_amount as monetary_4
    from policy
    where scope_id = {{ chain_scope() }}
{% endif %}
