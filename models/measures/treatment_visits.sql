-- Treatments that took place, on the customer. One row per visit.
{{ config(materialized='view') }}
select
    bridge.customer_sk,
    visits.visit_date,
    visits.department
from {{ ref('visits') }} as visits
inner join {{ ref('customer_bridge') }} as bridge
    on visits.record_sk = bridge.record_sk
where visits.status = 'arrived' and visits.visit_type = 'treatment'
