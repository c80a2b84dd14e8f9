-- Arrivals of any kind, on the person. One row per visit that took place.
{{ config(materialized='view') }}
select
    bridge.customer_key,
    visits.visit_date
from {{ ref('visits') }} as visits
inner join {{ ref('customer_bridge') }} as bridge
    on
        visits.source = bridge.source
        and visits.customer_id = bridge.customer_id
where visits.status = 'arrived'
