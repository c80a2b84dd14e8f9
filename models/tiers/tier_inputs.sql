-- What the ladders compare: the measures, and what is made of them with thresholds;
-- null where it does not apply, as scores for those who never bought.
-- One row per customer, as-of date and rule set.
{{ config(materialized='view') }}
with policy as (
    {{ policy_row({'pyramid': [
        'pyramid_window', 'pyramid_top_profit_share', 'pyramid_top_buyers_share',
    ]}) }}
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
    measured.*,  -- noqa: AM04
    scores.recency_score,
    scores.frequency_score,
    scores.monetary_score,
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
left join {{ ref('score_cuts') }} as cuts
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
