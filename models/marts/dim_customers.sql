-- The customers: keys and attributes, no names, no phones. One row per customer.
{{ config(meta={'recompute': 'customer'}) }}
select
    profiles.customer_key,
    contacts.first_contact_date,
    profiles.registered_date,
    profiles.acquisition_channel,
    profiles.home_clinic_id as clinic_id,
    cast(profiles.source_records as integer) as source_records,
    profiles.is_oversized_cluster,
    coalesce(profiles.motivation, 'unknown') as motivation
from {{ ref('customer_profiles') }} as profiles
left join {{ ref('first_contacts') }} as contacts
    on profiles.customer_key = contacts.customer_key
