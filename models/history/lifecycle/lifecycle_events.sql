-- The days on which a stage can change: first contact, consumption, a refund in full,
-- an expiry, a threshold that begins. One row per customer, day and event.
{{ config(materialized='view') }}
with changes as (
    {{ lifecycle_changes(lifecycle_ladder()) }}
),

events (customer_key, event_date, event) as (
    select
        customer_key,
        consumption_date,
        'opened'
    from {{ ref('lifecycle_days') }}
    union all
    select
        customer_key,
        ended_on,
        'ended'
    from {{ ref('lifecycle_fleeting') }}
    union all
    select
        customer_key,
        event_date,
        'expiry'
    from {{ ref('lifecycle_expiries') }}
    union all
    select
        customer_key,
        first_contact_date,
        'contact'
    from {{ ref('first_contacts') }}
    union all
    select
        contacts.customer_key,
        changes.valid_from,
        'policy'
    from {{ ref('first_contacts') }} as contacts
    inner join changes on contacts.first_contact_date < changes.valid_from
)

select
    customer_key,
    event_date,
    event
from events
