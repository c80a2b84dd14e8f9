-- What the lifecycle ladder looks at, on each day on which it can change, also to come;
-- days that were refunded since (fleeting) not yet taken in.
-- One row per customer and day.
{{ config(materialized='view') }}
with points as (
    select distinct
        customer_key,
        event_date
    from {{ ref('lifecycle_events') }}
),

dated as (
    select
        points.customer_key,
        points.event_date,
        {{ day_number('points.event_date') }} as day_number,
        held.consumption_date as lasting_date,
        held.lasting_department,
        case when held.lasting_department is not null then held.consumption_date end
            as department_date
    from points
    left join {{ ref('lifecycle_days') }} as held
        on
            points.customer_key = held.customer_key
            and points.event_date = held.consumption_date
            and held.ended_on is null
)

select
    customer_key,
    event_date,
    {% for days in var('measure_windows') %}
        count(lasting_date) over (
            so_far range between {{ days }} preceding and current row
        ) as consumption_days_{{ days }},
    {% endfor %}
    count(lasting_date) over so_far as consumption_days_lifetime,
    {{ last_known('lasting_date') }} over so_far as lasting_date,
    {{ last_known('lasting_department') }} over so_far as lasting_department,
    {{ last_known('department_date') }} over so_far as lasting_department_date
from dated
window so_far as (partition by customer_key order by day_number asc)
