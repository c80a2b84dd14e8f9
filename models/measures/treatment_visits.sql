-- Treatments that took place, on the person. One row per visit.
{{ config(meta={'stored_by': ['customer_key']}) }}
select
    bridge.customer_key,
    visits.source,
    visits.visit_id,
    visits.visit_date,
    visits.department
from {{ ref('visits') }} as visits
inner join {{ ref('customer_bridge') }} as bridge
    on
        visits.source = bridge.source
        and visits.customer_id = bridge.customer_id
where visits.status = 'arrived' and visits.visit_type = 'treatment'
