-- Customers, derived: the shop keeps no list of them, its lines name codes. One row per
-- code, carried by its first line: that day they registered, in that country.
{{ config(enabled='online_retail' in var('sources')) }}
with sightings as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by invoice_date asc nulls last, row_id asc
        ) as sighting
    from {{ ref('stg_online_retail__lines') }}
    where customer_id is not null
)

select
    customer_id,
    cast(null as varchar) as system,
    cast(null as varchar) as full_name,
    cast(null as varchar) as phone,
    cast(null as boolean) as is_phone_verified,
    cast(null as varchar) as wechat_unionid,
    invoice_date as registered_date,
    cast(null as varchar) as acquisition_channel,
    country as home_clinic_id,
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
