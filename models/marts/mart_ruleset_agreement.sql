-- Champion and challenger: from which tier to which each candidate rule set would move
-- how many customers; empty without a candidate, and without the medical models.
-- One row per as-of date, candidate, model, pair of tiers and clinic.
select
    compared.as_of_date,
    compared.ruleset,
    compared.candidate,
    compared.model,
    compared.tier,
    compared.candidate_tier,
    compared.clinic_id,
    cast(count(*) as integer) as customers,
    cast(sum(compared.net_amount_365) as decimal(18, 2)) as net_amount_365
from {{ ref('ruleset_comparison') }} as compared
inner join {{ ref('tier_models') }} as models
    on compared.model = models.model
where models.audience = 'everybody'
group by
    compared.as_of_date,
    compared.ruleset,
    compared.candidate,
    compared.model,
    compared.tier,
    compared.candidate_tier,
    compared.clinic_id
