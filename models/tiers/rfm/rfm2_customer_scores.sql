-- The scores of RFM² for every customer.
-- One row per customer, as-of date and rule set; null for those who never bought.
with policy as (
    {{ policy_columns([]) }}
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
    points.weighted_score
from {{ ref('customer_scopes') }} as scopes
inner join policy on {{ policy_of('scopes') }}
left join {{ ref('rfm2_points') }} as points
    on {{ same_customer('scopes', 'points') }} and policy.ruleset = points.ruleset
