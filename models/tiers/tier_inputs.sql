-- What the ladders compare: the measures, and what is made of them with thresholds;
-- null where it does not apply, as scores for those who never bought.
-- One row per customer, as-of date and rule set.
{{ config(materialized='view') }}
{%- set cut_method = one_of_values('rfm_high_cut', ['mean', 'median', 'fixed']) %}
{%- set scores_with_cuts = [
    'recency', 'frequency', 'monetary', 'breadth', 'interaction', 'cycle',
] %}
with policy as (
    {{ policy_row({
        'pyramid': [
            'pyramid_window', 'pyramid_top_profit_share', 'pyramid_top_buyers_share',
        ],
        'rfm_segment': ['rfm_fixed_high_above_score'],
        'rfm2': ['rfm_fixed_high_above_score'],
    }) }}
),

-- Above the cut a score is high: the mean over all who have one, in one decimal (that of
-- fifths is 3, or a hair less, and may not make a 3 high), the median, or the policy's score.
cuts as (
    select
        policy.as_of_date,
        policy.ruleset
        {%- for name in scores_with_cuts %},
        cast(
            {% if cut_method == 'mean' %}
                {{ exact_ratio(
                    'sum(scores.' ~ name ~ '_score)', 'count(scores.' ~ name ~ '_score)', 1
                ) }}
            {% elif cut_method == 'median' %}
                {{ median_of('scores.' ~ name ~ '_score') }}
            {% else %}
                max(policy.rfm_fixed_high_above_score)
            {% endif %}
            as decimal(9, 4)
        ) as {{ name }}_cut
        {%- endfor %}
    from policy
    left join {{ ref('tier_scores') }} as scores
        on policy.as_of_date = scores.as_of_date and policy.ruleset = scores.ruleset
    where policy.scope_id = {{ chain_scope() }}
    group by policy.as_of_date, policy.ruleset
),

measured as (
    select
        measures.*,
        policy.ruleset,
        {{ pyramid_profit() }} as profit_amount,
        policy.pyramid_top_{{ var('pyramid_top_by') }}_share as top_share_limit
    from {{ ref('customer_measures') }} as measures
    inner join policy on {{ policy_of('measures') }}
)

select
    measured.*,
    scores.recency_score,
    scores.frequency_score,
    scores.monetary_score,
    scores.recency_score as recency_fifth,
    scores.frequency_score as frequency_fifth,
    cuts.recency_cut,
    cuts.frequency_cut,
    cuts.monetary_cut,
    scores.breadth_score,
    scores.interaction_score,
    scores.cycle_score,
    scores.social_score,
    scores.weighted_score,
    cuts.breadth_cut,
    cuts.interaction_cut,
    cuts.cycle_cut,
    ranks.profit_share_before,
    ranks.top_share_before,
    levels.diamond_unearned_days,
    levels.platinum_unearned_days,
    levels.gold_unearned_days,
    levels.silver_unearned_days,
    behaviours.behaviour
from measured
left join {{ ref('tier_scores') }} as scores
    on {{ same_placement('measured', 'scores') }}
left join cuts
    on measured.as_of_date = cuts.as_of_date and measured.ruleset = cuts.ruleset
left join {{ ref('pyramid_ranks') }} as ranks
    on
        measured.as_of_date = ranks.as_of_date
        and measured.ruleset = ranks.ruleset
        and measured.profit_amount = ranks.profit_amount
left join {{ ref('membership_inputs') }} as levels
    on {{ same_placement('measured', 'levels') }}
left join {{ ref('private_domain_behaviours') }} as behaviours
    on {{ same_placement('measured', 'behaviours') }}
