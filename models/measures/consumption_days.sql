-- Days with a purchase or a treatment (an annual-card redemption counts, article 001); of
-- several departments that day the last by name.
-- One row per customer, as-of date and day.
with consumption as (
    select
        customer_sk,
        as_of_date,
        order_date as consumption_date,
        department
    from {{ ref('purchases') }}
    union all
    select
        visits.customer_sk,
        dates.as_of_date,
        visits.visit_date as consumption_date,
        visits.department
    from {{ ref('treatment_visits') }} as visits
    inner join {{ ref('as_of_dates') }} as dates
        on visits.visit_date <= dates.as_of_date
)

select
    customer_sk,
    as_of_date,
    consumption_date,
    cast({{ days_between('consumption_date', 'as_of_date') }} as integer) as days_ago,
    max(department) as department
from consumption
where {{ only_touched('consumption.customer_sk') }}
group by customer_sk, as_of_date, consumption_date
