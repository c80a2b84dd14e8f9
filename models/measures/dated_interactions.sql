-- Private-domain touches, on the person, with their age.
-- One row per interaction and as-of date.
{{ config(materialized='view') }}
select
    bridge.customer_key,
    dates.as_of_date,
    interactions.interaction_type,
    date_diff('day', interactions.interaction_date, dates.as_of_date) as days_ago
from {{ ref('interactions') }} as interactions
inner join {{ ref('customer_bridge') }} as bridge
    on
        interactions.source = bridge.source
        and interactions.customer_id = bridge.customer_id
inner join {{ ref('as_of_dates') }} as dates
    on interactions.interaction_date <= dates.as_of_date
