-- Champion and challenger: from which tier to which each candidate rule set would move
-- how many customers; empty without a candidate, and without the medical models.
-- One row per as-of date, candidate, model, pair of tiers and clinic.
select
    agreement.as_of_date,
    agreement.ruleset,
    agreement.candidate,
    agreement.model,
    agreement.tier,
    agreement.candidate_tier,
    agreement.clinic_id,
    agreement.customers,
    agreement.net_amount_365
from {{ ref('ruleset_agreement') }} as agreement
inner join {{ ref('tier_models') }} as models
    on agreement.model = models.model
where models.audience = 'everybody'
