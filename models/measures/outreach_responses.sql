-- Responses to outreach, on the day of the response. One row per response.
{{ config(materialized='view') }}
select
    bridge.customer_key,
    coalesce(outreach.response_date, outreach.contact_date) as response_date
from {{ ref('outreach') }} as outreach
inner join {{ ref('customer_bridge') }} as bridge
    on
        outreach.source = bridge.source
        and outreach.customer_id = bridge.customer_id
where outreach.has_responded
