-- Customers and revenue of each tier of a model, over all clinics, best first.
select
    tier,
    min(tier_rank) as tier_rank,
    min(label_zh) as label_zh,
    min(label_en) as label_en,
    cast(sum(customers) as bigint) as customers,
    sum(net_amount_365) as net_amount_365,
    sum(net_amount_lifetime) as net_amount_lifetime
from tier_summary
where model = $model
group by tier
order by tier_rank, tier
