-- Consumption days with the day on which they cease to be one (ended_on, null if never)
-- and the next consumption day that lasts. One row per customer and consumption day.
{{ config(materialized='view') }}
with days as (
    select
        customer_key,
        consumption_date,
        max(department) filter (where ended_on is null) as lasting_department,
        case when count(*) = count(ended_on) then max(ended_on) end as ended_on
    from {{ ref('consumption_supports') }}
    group by customer_key, consumption_date
)

select
    customer_key,
    consumption_date,
    lasting_department,
    ended_on,
    min(case when ended_on is null then consumption_date end) over (
        partition by customer_key
        order by consumption_date asc
        rows between 1 following and unbounded following
    ) as next_lasting_date
from days
