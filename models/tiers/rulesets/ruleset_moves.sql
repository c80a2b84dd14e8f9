-- The customers whom a candidate rule set places elsewhere, with the revenue at stake.
-- One row per customer, as-of date, candidate and model in which she would move.
{{ config(meta={'recompute': 'everything'}) }}
select
    customer_key,
    as_of_date,
    ruleset,
    candidate,
    model,
    tier,
    candidate_tier,
    clinic_id,
    net_amount_365,
    case
        when candidate_tier_rank < tier_rank then 'up'
        when candidate_tier_rank > tier_rank then 'down'
    end as direction
from {{ ref('ruleset_comparison') }}
where coalesce(tier, '') != coalesce(candidate_tier, '')
