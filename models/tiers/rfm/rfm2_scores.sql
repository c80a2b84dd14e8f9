-- The scores of RFM² for every customer, and the cut above which a score is high (var
-- rfm_high_cut).
-- One row per customer, as-of date and rule set; null for those who never bought.
{{ config(meta={'recompute': 'everything'}) }}
with policy as (
    {{ policy_row(['rfm_fixed_high_above_score']) }}
),

cuts as (
    select
        points.as_of_date,
        points.ruleset,
        {{ high_cut('breadth_score') }} as breadth_cut,
        {{ high_cut('interaction_score') }} as interaction_cut,
        {{ high_cut('cycle_score') }} as cycle_cut
    from {{ ref('rfm2_points') }} as points
    inner join policy
        on
            points.as_of_date = policy.as_of_date
            and points.ruleset = policy.ruleset
            and policy.scope_id = {{ chain_scope() }}
    group by points.as_of_date, points.ruleset
)

select
    scopes.customer_key,
    scopes.as_of_date,
    policy.ruleset,
    scopes.scope_id,
    points.breadth_score,
    points.interaction_score,
    points.cycle_score,
    points.social_score,
    points.weighted_score,
    cuts.breadth_cut,
    cuts.interaction_cut,
    cuts.cycle_cut
from {{ ref('customer_scopes') }} as scopes
inner join policy on {{ policy_of('scopes') }}
left join {{ ref('rfm2_points') }} as points
    on {{ same_customer('scopes', 'points') }} and policy.ruleset = points.ruleset
left join cuts
    on scopes.as_of_date = cuts.as_of_date and policy.ruleset = cuts.ruleset
