-- The cut above which a score of RFM² is high (var rfm_high_cut), over all who have
-- one. One row per as-of date and rule set. A refresh asks which whole scores are high.
{{ config(meta={'recompute': 'everything', 'watched': [
    'as_of_date', 'ruleset', 'floor(breadth_cut)', 'floor(interaction_cut)',
    'floor(cycle_cut)',
]}) }}
with policy as (
    {{ policy_row(['rfm_fixed_high_above_score']) }}
)

select
    scores.as_of_date,
    scores.ruleset,
    {{ high_cut('breadth_score') }} as breadth_cut,
    {{ high_cut('interaction_score') }} as interaction_cut,
    {{ high_cut('cycle_score') }} as cycle_cut
from {{ ref('rfm2_points') }} as scores
inner join policy
    on
        scores.as_of_date = policy.as_of_date
        and scores.ruleset = policy.ruleset
        and policy.scope_id = {{ chain_scope() }}
group by scores.as_of_date, scores.ruleset
