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
    membership.tier_rank,
    membership.tier_label_en as label_en,
    membership.tier_label_zh as label_zh,
    cast(count(*) as integer) as customers,
    cast(sum(measures.purchases_365) as integer) as purchases_365,
    cast(sum(measures.net_amount_365) as decimal(18, 2)) as net_amount_365,
    cast(sum(measures.net_amount_lifetime) as decimal(18, 2)) as net_amount_lifetime
from {{ ref('mart_tier_membership') }} as membership
inner join measures on {{ same_customer('membership', 'measures') }}
where membership.tier is not null
group by
    membership.as_of_date,
    membership.ruleset,
    measures.clinic_id,
    membership.model,
    membership.tier,
    membership.tier_rank,
    membership.tier_label_en,
    membership.tier_label_zh
