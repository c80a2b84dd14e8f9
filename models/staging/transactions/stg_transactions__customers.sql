-- Customers, derived from the rows that name them: known since their first day, of the
-- clinic of that day. One row per customer, carried by their first row.
{{ config(enabled='transactions' in var('sources')) }}
with sightings as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by order_date asc nulls last, clinic_id is null asc, row_id asc
        ) as sighting
    from {{ ref('stg_transactions__lines') }}
    where customer_id is not null
)

select
    customer_id,
    cast(null as varchar) as system,
    cast(null as varchar) as full_name,
    cast(null as varchar) as phone,
    cast(null as boolean) as is_phone_verified,
    cast(null as varchar) as wechat_unionid,
    order_date as registered_date,
    cast(null as varchar) as acquisition_channel,
    clinic_id as home_clinic_id,
    cast(null as varchar) as motivation,
    cast(null as varchar) as unparsable_column,
    raw_table,
    false as is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part
from sightings
where sighting = 1
