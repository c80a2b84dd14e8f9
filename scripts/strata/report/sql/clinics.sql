-- One row per home clinic, highest revenue first; a null clinic is a row of its own.
select
    clinic_id,
    count(*) as customers,
    count(*) filter (where is_buyer) as buyers,
    coalesce(sum(net_amount_365), 0) as net_amount_365,
    count(*) filter (where is_high_value) as high_value,
    count(*) filter (
        where is_high_value and lifecycle_tier in ('lapsing', 'dormant')
    ) as at_risk
from valued
group by clinic_id
order by net_amount_365 desc, customers desc, clinic_id nulls last
