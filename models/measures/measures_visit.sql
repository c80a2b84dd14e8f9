-- Visits: arrivals of any kind, and the last treatment.
-- One row per visitor and as-of date.
with visits as (
    select
        bridge.customer_key,
        visits.visit_date,
        visits.visit_type
    from {{ ref('visits') }} as visits
    inner join {{ ref('customer_bridge') }} as bridge
        on
            visits.source = bridge.source
            and visits.customer_id = bridge.customer_id
    where visits.status = 'arrived'
)

select
    visits.customer_key,
    dates.as_of_date,
    min(date_diff('day', visits.visit_date, dates.as_of_date)) as days_since_visit,
    min(date_diff('day', visits.visit_date, dates.as_of_date)) filter (
        where visits.visit_type = 'treatment'
    ) as days_since_treatment,
    {{ windowed('count(*)', 'visits', "date_diff('day', visit_date, as_of_date)") }}
from visits
inner join {{ ref('as_of_dates') }} as dates
    on visits.visit_date <= dates.as_of_date
group by visits.customer_key, dates.as_of_date
