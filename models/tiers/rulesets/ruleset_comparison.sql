-- Each customer's tier under the active rule set beside that under each candidate; no
-- row where none is in play. One row per customer, as-of date, candidate and model.
{{ config(materialized='view') }}
with active as (
    select * from {{ ref('tier_membership') }}
    where ruleset = '{{ var("ruleset") }}'
),

candidates as (
    select * from {{ ref('tier_membership') }}
    where ruleset != '{{ var("ruleset") }}'
)

select
    active.customer_key,
    active.as_of_date,
    active.ruleset,
    candidates.ruleset as candidate,
    active.model,
    active.tier,
    active.tier_rank,
    candidates.tier as candidate_tier,
    candidates.tier_rank as candidate_tier_rank,
    measures.net_amount_365,
    coalesce(measures.clinic_id, 'unknown') as clinic_id
from active
inner join candidates
    on
        {{ same_customer('active', 'candidates') }}
        and active.model = candidates.model
inner join {{ ref('customer_measures') }} as measures
    on {{ same_customer('active', 'measures') }}
