-- Buyers on their way out, by the money they brought in the last 12 months: the first of
-- the chain and the first of each clinic. Keys only.
with leaving as (
    select
        *,
        row_number() over (
            order by net_amount_365 desc, net_amount_lifetime desc, customer_key
        ) as place,
        row_number() over (
            partition by clinic_id
            order by net_amount_365 desc, net_amount_lifetime desc, customer_key
        ) as clinic_place
    from valued
    where is_buyer
        and net_amount_365 > 0
        and lifecycle_tier in ('lapsing', 'dormant', 'dead')
)

select
    customer_key,
    clinic_id,
    final_tier,
    final_label_zh,
    final_label_en,
    lifecycle_tier,
    lifecycle_label_zh,
    lifecycle_label_en,
    days_since_consumption,
    net_amount_365,
    net_amount_lifetime,
    place
from leaving
where place <= $chain_rows
    or (clinic_place <= $clinic_rows and list_contains($clinics, coalesce(clinic_id, '')))
order by place
