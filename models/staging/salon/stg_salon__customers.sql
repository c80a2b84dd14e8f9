-- Customers, derived: the salon keeps no list of them, its other lists name codes.
-- One row per code, carried by the first raw row that names it. Registered on the first
-- day seen; null for a client who has booked and not come yet.
{{ config(enabled='salon' in var('sources')) }}
{%- set lineage = 'raw_table, file_name, row_number, loaded_at, row_id, file_part' %}
with sightings as (
    select
        customer_id,
        {{ lineage }},
        order_date as seen_date
    from {{ ref('stg_salon__receipts') }}
    union all
    select
        customer_id,
        {{ lineage }},
        case
            when status != 'booked' then least(visit_date, cancelled_date)
        end as seen_date
    from {{ ref('stg_salon__visits') }}
),

clients as (
    select
        *,
        min(seen_date) over (partition by customer_id) as registered_date,
        row_number() over (partition by customer_id order by row_id asc) as sighting
    from sightings
    where customer_id is not null
)

select
    customer_id,
    cast(null as varchar) as system,
    cast(null as varchar) as full_name,
    cast(null as varchar) as phone,
    cast(null as boolean) as is_phone_verified,
    cast(null as varchar) as wechat_unionid,
    registered_date,
    cast(null as varchar) as acquisition_channel,
    'salon' as home_clinic_id,
    cast(null as varchar) as motivation,
    cast(null as varchar) as unparsable_column,
    false as is_carrier,
    {{ lineage }}
from clients
where sighting = 1
