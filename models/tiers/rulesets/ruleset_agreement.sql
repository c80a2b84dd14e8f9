-- How far each candidate rule set agrees with the active one: from which tier to which,
-- by clinic. One row per as-of date, candidate, model, pair of tiers and clinic.
{{ config(meta={'recompute': 'everything'}) }}
select
    as_of_date,
    ruleset,
    candidate,
    model,
    tier,
    candidate_tier,
    clinic_id,
    cast(count(*) as integer) as customers,
    cast(sum(net_amount_365) as decimal(18, 2)) as net_amount_365
from {{ ref('ruleset_comparison') }}
group by as_of_date, ruleset, candidate, model, tier, candidate_tier, clinic_id
