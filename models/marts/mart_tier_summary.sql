-- Customers and revenue by clinic, model and tier.
-- One row per as-of date, clinic, model and tier that somebody holds.
select
    membership.as_of_date,
    membership.ruleset,
    coalesce(measures.clinic_id, 'unknown') as clinic_id,
    membership.model,
    membership.tier,
    labels.tier_rank,
    labels.label_en,
    labels.label_zh,
    cast(count(*) as integer) as customers,
    cast(sum(measures.purchases_365) as integer) as purchases_365,
    cast(sum(measures.net_amount_365) as decimal(18, 2)) as net_amount_365,
    cast(sum(measures.net_amount_lifetime) as decimal(18, 2)) as net_amount_lifetime
from {{ ref('tier_membership') }} as membership
inner join {{ ref('customer_measures') }} as measures using (customer_key, as_of_date)
left join {{ ref('tiers') }} as labels using (model, tier)
group by
    membership.as_of_date,
    membership.ruleset,
    measures.clinic_id,
    membership.model,
    membership.tier,
    labels.tier_rank,
    labels.label_en,
    labels.label_zh
