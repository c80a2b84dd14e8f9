-- The customers: keys and attributes, no names, no phones. One row per customer.
select
    customer_key,
    first_contact_date,
    registered_date,
    acquisition_channel,
    home_clinic_id as clinic_id,
    cast(source_records as integer) as source_records,
    is_oversized_cluster,
    coalesce(motivation, 'unknown') as motivation
from {{ ref('customer_profiles') }}
