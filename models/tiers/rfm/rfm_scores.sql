-- Scores 1 to 5 and the cut above which a score is high (var rfm_high_cut).
-- One row per customer, as-of date and rule set; null for those who never bought.
{{ config(meta={'recompute': 'everything'}) }}
{%- set passes = '>' if var('rfm_score_method') == 'quantile' else '>=' %}
with policy as (
    {{ policy_row(['rfm_fixed_high_above_score']) }}
),

scored as (
    select
        inputs.*,
        {{ score('recency_days', 'recency', '<=') }} as recency_score,
        {{ score('frequency', 'frequency', passes) }} as frequency_score,
        {{ score('monetary_amount', 'monetary', passes) }} as monetary_score
    from {{ ref('rfm_inputs') }} as inputs
    inner join {{ ref('rfm_cut_points') }} as points
        on inputs.as_of_date = points.as_of_date and inputs.ruleset = points.ruleset
),

cuts as (
    select
        scored.as_of_date,
        scored.ruleset,
        {{ high_cut('recency_score') }} as recency_cut,
        {{ high_cut('frequency_score') }} as frequency_cut,
        {{ high_cut('monetary_score') }} as monetary_cut
    from scored
    inner join policy
        on
            scored.as_of_date = policy.as_of_date
            and scored.ruleset = policy.ruleset
            and policy.scope_id = {{ chain_scope() }}
    group by scored.as_of_date, scored.ruleset
)

select
    scopes.customer_key,
    scopes.as_of_date,
    policy.ruleset,
    scopes.scope_id,
    scored.recency_days,
    scored.frequency,
    scored.monetary_amount,
    scored.recency_score,
    scored.frequency_score,
    scored.monetary_score,
    cuts.recency_cut,
    cuts.frequency_cut,
    cuts.monetary_cut
from {{ ref('customer_scopes') }} as scopes
inner join policy on {{ policy_of('scopes') }}
left join scored
    on {{ same_customer('scopes', 'scored') }} and policy.ruleset = scored.ruleset
left join cuts
    on scopes.as_of_date = cuts.as_of_date and policy.ruleset = cuts.ruleset
