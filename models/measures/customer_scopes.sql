-- Which scope's thresholds judge a customer: her last department, her home clinic.
-- One row per customer known by the as-of date.
with customers as (
    select
        profiles.customer_key,
        dates.as_of_date,
        contacts.first_contact_date,
        profiles.home_clinic_id as clinic_id,
        profiles.motivation,
        consumption.last_department as department
    from {{ ref('customer_profiles') }} as profiles
    inner join {{ ref('first_contacts') }} as contacts
        on profiles.customer_key = contacts.customer_key
    inner join {{ ref('as_of_dates') }} as dates
        on contacts.first_contact_date <= dates.as_of_date
    left join {{ ref('measures_consumption') }} as consumption
        on
            profiles.customer_key = consumption.customer_key
            and dates.as_of_date = consumption.as_of_date
)

select
    customers.*,
    scopes.scope_id
from customers
inner join {{ ref('policy_scopes') }} as scopes
    on {{ falls_under('customers', 'scopes') }}
