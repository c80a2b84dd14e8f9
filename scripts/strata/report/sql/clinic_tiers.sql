-- The headline tiers of each clinic.
select
    clinic_id,
    tier,
    cast(sum(customers) as bigint) as customers,
    sum(net_amount_365) as net_amount_365
from tier_summary
where model = 'final'
group by clinic_id, tier
order by clinic_id nulls last, tier
