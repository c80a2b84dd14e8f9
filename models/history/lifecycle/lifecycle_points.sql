-- What the lifecycle ladder looks at, on each day on which it can change, up to the
-- run's last day; days that were refunded since (fleeting) not yet taken in.
-- One row per customer and day.
{{ config(materialized='view') }}
with horizon as (
    select max(as_of_date) as last_date from {{ ref('as_of_dates') }}
),

points as (
    select
        events.customer_key,
        events.event_date,
        count(*) filter (where events.event = 'opened') as opened,
        count(*) filter (where events.event = 'ended') as ended,
        {% for days in var('measure_windows') %}
            count(*) filter (where events.window_days = {{ days }})
                as let_go_{{ days }},
        {% endfor %}
        max(held.consumption_date) as lasting_date,
        max(held.lasting_department) as lasting_department
    from {{ ref('lifecycle_events') }} as events
    inner join horizon on events.event_date <= horizon.last_date
    left join {{ ref('lifecycle_days') }} as held
        on
            events.customer_key = held.customer_key
            and events.event_date = held.consumption_date
            and held.ended_on is null
    group by events.customer_key, events.event_date
)

select
    customer_key,
    event_date,
    {% for days in var('measure_windows') %}
        sum(opened) over so_far - sum(let_go_{{ days }}) over so_far
            as consumption_days_{{ days }},
    {% endfor %}
    sum(opened) over so_far - sum(ended) over so_far as consumption_days_lifetime,
    max(lasting_date) over so_far as lasting_date,
    arg_max(
        lasting_department, case when lasting_department is not null then event_date end
    ) over so_far as lasting_department,
    max(case when lasting_department is not null then event_date end) over so_far
        as lasting_department_date
from points
window so_far as (partition by customer_key order by event_date asc)
