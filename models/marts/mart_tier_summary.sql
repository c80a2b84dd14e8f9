-- Customers and revenue by clinic, model and tier.
-- One row per as-of date, clinic, model and tier that somebody holds.
with measures as (
    select
        customer_key,
        as_of_date,
        purchases_365,
        net_amount_365,
        net_amount_lifetime,
        coalesce(clinic_id, 'unknown') as clinic_id
    from {{ ref('customer_measures') }}
)

select
    membership.as_of_date,
    membership.ruleset,
    measures.clinic_id,
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
inner join measures on {{ same_customer('membership', 'measures') }}
left join {{ ref('tiers') }} as labels
    on membership.model = labels.model and membership.tier = labels.tier
group by
    membership.as_of_date,
    membership.ruleset,
    measures.clinic_id,
    membership.model,
    membership.tier,
    labels.tier_rank,
    labels.label_en,
    labels.label_zh
