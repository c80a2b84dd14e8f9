-- The cut above which a score of RFM is high (var rfm_high_cut), over all who have one.
-- One row per as-of date and rule set. A refresh asks which whole scores are high.
{{ config(meta={'recompute': 'everything', 'watched': [
    'as_of_date', 'ruleset', 'floor(recency_cut)', 'floor(frequency_cut)',
    'floor(monetary_cut)',
]}) }}
with policy as (
    {{ policy_row(['rfm_fixed_high_above_score']) }}
)

select
    scores.as_of_date,
    scores.ruleset,
    {{ high_cut('recency_score') }} as recency_cut,
    {{ high_cut('frequency_score') }} as frequency_cut,
    {{ high_cut('monetary_score') }} as monetary_cut
from {{ ref('rfm_customer_scores') }} as scores
inner join policy
    on
        scores.as_of_date = policy.as_of_date
        and scores.ruleset = policy.ruleset
        and policy.scope_id = {{ chain_scope() }}
group by scores.as_of_date, scores.ruleset
