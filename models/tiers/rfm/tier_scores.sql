-- Scores 1 to 5 of RFM (population quintiles or the policy's values, var
-- rfm_score_method) and of RFM² with their weighted sum (article 000 §3.2). Equal
-- values have equal scores. One row per buyer, as-of date and rule set.
{%- set method = one_of_values('rfm_score_method', ['quantile', 'threshold']) %}
{%- set passes = '>' if method == 'quantile' else '>=' %}
{%- set recency_cuts = score_thresholds('rfm_recency_score', 'max_days')[::-1] %}
{%- set frequency_cuts = score_thresholds('rfm_frequency_score', 'min_purchases') %}
{%- set monetary_cuts = score_thresholds('rfm_monetary_score', 'min_amount') %}
with policy as (
    {{ policy_row({
        'rfm_segment': ['rfm_score_window'] + recency_cuts + frequency_cuts + monetary_cuts,
        'rfm2': [
            'rfm2_breadth_window', 'rfm2_interaction_window', 'rfm2_social_window',
            'rfm2_breadth_weight', 'rfm2_interaction_weight', 'rfm2_cycle_weight',
            'rfm2_social_weight', 'rfm2_weights_min_buyers', 'rfm2_weights_min_history_days',
            'rfm2_weights_horizon_days',
        ] + score_thresholds('rfm2_breadth_score', 'min_categories')
        + score_thresholds('rfm2_interaction_score', 'min_touches')
        + score_thresholds('rfm2_cycle_score', 'max_deviation')
        + score_thresholds('rfm2_social_score', 'min_conversion'),
    }) }}
),

buyers as (
    select
        measures.customer_sk,
        measures.as_of_date,
        measures.scope_id,
        policy.ruleset,
        measures.days_since_purchase as recency_days,
        {{ in_window('purchases', 'rfm_score_window') }} as frequency,
        {{ in_window('net_amount', 'rfm_score_window') }} as monetary_amount,
        {{ in_window('categories', 'rfm2_breadth_window') }} as bought_categories,
        coalesce({{ in_window('live_interactions', 'rfm2_interaction_window') }}, 0)
            as live_touches,
        measures.cycle_deviation_share,
        coalesce({{ in_window('referral_conversion_rate', 'rfm2_social_window') }}, 0)
            as conversion_rate
    from {{ ref('customer_measures') }} as measures
    inner join policy on {{ policy_of('measures') }}
    where measures.days_since_purchase is not null
),

{% if method == 'quantile' %}
    cuts as (
        select
            as_of_date,
            ruleset,
            {{ fifths('recency_days', 'recency') }},
            {{ fifths('frequency', 'frequency') }},
            {{ fifths('monetary_amount', 'monetary') }}
        from buyers
        group by as_of_date, ruleset
    ),
{% else %}
    cuts as (
        select
            as_of_date,
            {% for name in recency_cuts + frequency_cuts + monetary_cuts %}
                {{ name }} as {{ name.split('_')[1] }}_{{ loop.index0 % 4 + 1 }},
            {% endfor %}
            ruleset
        from policy
        where scope_id = {{ chain_scope() }}
    ),
{% endif %}

scored as (
    select
        buyers.customer_sk,
        buyers.as_of_date,
        buyers.ruleset,
        {{ score('buyers.recency_days', 'cuts.recency', '<=') }} as recency_score,
        {{ score('buyers.frequency', 'cuts.frequency', passes) }} as frequency_score,
        {{ score('monetary_amount', 'cuts.monetary', passes) }} as monetary_score,
        {{ floor_score(
            'bought_categories', 'rfm2_breadth_score', 'min_categories'
        ) }} as breadth_score,
        {{ floor_score('live_touches', 'rfm2_interaction_score', 'min_touches') }}
            as interaction_score,
        {{ ceiling_score(
            'cycle_deviation_share', 'rfm2_cycle_score', 'max_deviation'
        ) }} as cycle_score,
        {% for name in ['breadth', 'interaction', 'cycle', 'social'] %}
            policy.rfm2_{{ name }}_weight,
        {% endfor %}
        {{ floor_score('conversion_rate', 'rfm2_social_score', 'min_conversion') }}
            as social_score
    from buyers
    inner join policy on {{ policy_of('buyers', per_ruleset=true) }}
    inner join cuts
        on buyers.as_of_date = cuts.as_of_date and buyers.ruleset = cuts.ruleset
)

select
    customer_sk,
    as_of_date,
    ruleset,
    recency_score,
    frequency_score,
    monetary_score,
    breadth_score,
    interaction_score,
    cycle_score,
    social_score,
    cast((
        rfm2_breadth_weight * (breadth_score - 1)
        + rfm2_interaction_weight * (interaction_score - 1)
        + rfm2_cycle_weight * (cycle_score - 1)
        + rfm2_social_weight * (social_score - 1)
    ) * 0.25 as decimal(9, 2)) as weighted_score
from scored
