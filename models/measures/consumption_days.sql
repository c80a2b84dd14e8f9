-- Days with a purchase or a treatment (an annual-card redemption counts, article 001).
-- One row per customer, day and as-of date; of several departments that day the
-- last by name.
{{ config(meta={'in_parts': true, 'stored_by': ['as_of_date', 'customer_key']}) }}
with consumption as (
    select
        customer_key,
        as_of_date,
        order_date as consumption_date,
        department
    from {{ ref('purchases') }}
    union all
    select
        visits.customer_key,
        dates.as_of_date,
        visits.visit_date as consumption_date,
        visits.department
    from {{ ref('treatment_visits') }} as visits
    inner join {{ ref('as_of_dates') }} as dates
        on visits.visit_date <= dates.as_of_date
)

select
    customer_key,
    as_of_date,
    consumption_date,
    date_diff('day', consumption_date, as_of_date) as days_ago,
    max(department) as department
from consumption
group by customer_key, as_of_date, consumption_date
