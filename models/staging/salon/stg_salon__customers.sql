-- Customers, derived: the salon keeps no list of them, but its other lists name them by code.
-- One row per client code, carried by the raw row that names it first. The registered date is
-- the first day seen; null for a client who has booked and not come yet.
{{ config(enabled='salon' in var('sources')) }}
{%- set lineage_columns = 'raw_table, file_name, row_number, loaded_at, row_id, raw_row' %}
with sightings as (
    select
        customer_id,
        order_date as seen_date,
        {{ lineage_columns }}
    from {{ ref('stg_salon__receipts') }}
    union all
    select
        customer_id,
        case when status != 'booked' then least(visit_date, cancelled_date) end as seen_date,
        {{ lineage_columns }}
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
    {{ lineage_columns }}
from clients
where sighting = 1
