-- The chain in one row; amounts in CNY.
select
    count(*) as customers,
    count(*) filter (where is_buyer) as buyers,
    count(*) filter (where purchases_365 > 0) as buyers_365,
    coalesce(sum(net_amount_365), 0) as net_amount_365,
    count(*) filter (where is_high_value) as high_value,
    count(*) filter (
        where is_high_value and lifecycle_tier in ('lapsing', 'dormant')
    ) as at_risk,
    coalesce(sum(net_amount_365) filter (
        where is_high_value and lifecycle_tier in ('lapsing', 'dormant')
    ), 0) as at_risk_amount,
    count(*) filter (
        where is_high_value and lifecycle_tier in ('dead', 'lost')
    ) as gone,
    count(distinct coalesce(clinic_id, '')) as clinics,
    count(clinic_id) > 0 as has_clinics,
    count(referrals_made_365) > 0 as has_referrals
from valued
