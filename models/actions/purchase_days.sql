-- Days with purchases, numbered from the customer's first on.
-- One row per buyer, day and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
with days as (
    select
        as_of_date,
        customer_key,
        order_date,
        count(*) as orders
    from {{ ref('purchases') }}
    group by as_of_date, customer_key, order_date
),

treated as (
    select distinct
        customer_key,
        visit_date
    from {{ ref('treatment_visits') }}
)

select
    days.*,
    treated.visit_date is not null as is_treatment_day,
    row_number() over (
        partition by days.as_of_date, days.customer_key
        order by days.order_date asc
    ) as day_number
from days
left join treated
    on
        days.customer_key = treated.customer_key
        and days.order_date = treated.visit_date
