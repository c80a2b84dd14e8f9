-- The four scores 1 to 5 of RFM² and their weighted sum from 0 to 100 (article 000
-- §3.2: 30/30/30/10). One row per buyer, as-of date and rule set.
with policy as (
    {{ policy_row(
        score_thresholds('rfm2_breadth_score', 'min_categories')
        + score_thresholds('rfm2_interaction_score', 'min_touches')
        + score_thresholds('rfm2_cycle_score', 'max_deviation')
        + score_thresholds('rfm2_social_score', 'min_conversion')
        + ['rfm2_breadth_weight', 'rfm2_interaction_weight', 'rfm2_cycle_weight',
           'rfm2_social_weight']
    ) }}
),

scored as (
    select
        inputs.customer_key,
        inputs.as_of_date,
        inputs.ruleset,
        scopes.scope_id,
        {{ floor_score(
            'bought_categories', 'rfm2_breadth_score', 'min_categories'
        ) }} as breadth_score,
        {{ floor_score(
            'live_touches', 'rfm2_interaction_score', 'min_touches'
        ) }} as interaction_score,
        {{ ceiling_score(
            'cycle_deviation_share', 'rfm2_cycle_score', 'max_deviation'
        ) }} as cycle_score,
        {{ floor_score(
            'conversion_rate', 'rfm2_social_score', 'min_conversion'
        ) }} as social_score
    from {{ ref('rfm2_inputs') }} as inputs
    inner join {{ ref('customer_scopes') }} as scopes
        on {{ same_customer('inputs', 'scopes') }}
    inner join policy
        on {{ policy_of('scopes') }} and inputs.ruleset = policy.ruleset
)

select
    scored.customer_key,
    scored.as_of_date,
    scored.ruleset,
    scored.breadth_score,
    scored.interaction_score,
    scored.cycle_score,
    scored.social_score,
    {{ weighted_score(
        ['breadth', 'interaction', 'cycle', 'social'], 'rfm2'
    ) }} as weighted_score
from scored
inner join policy on {{ policy_of('scored', per_ruleset=true) }}
