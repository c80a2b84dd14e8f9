-- The measures of the lifecycle ladder on each day on which they can change, with the
-- scope whose thresholds judge. One row per customer and day.
{{ config(materialized='view') }}
{%- set windows = var('measure_windows') + ['lifetime'] %}
with points as (
    select * from {{ ref('lifecycle_points') }}
),

fleeting as (
    select
        points.customer_key,
        points.event_date,
        max(held.consumption_date) as consumption_date,
        max(case when held.department is not null then held.consumption_date end)
            as department_date,
        arg_max(held.department, (held.consumption_date, held.department)) filter (
            where held.department is not null
        ) as department,
        {{ fleeting_counts(windows) }}
    from points
    inner join {{ ref('lifecycle_fleeting') }} as held
        on
            points.customer_key = held.customer_key
            and points.event_date >= held.consumption_date
            and points.event_date < held.ended_on
    group by points.customer_key, points.event_date
),

known as (
    select
        points.customer_key,
        points.event_date,
        {% for days in windows %}
            points.consumption_days_{{ days }} + coalesce(fleeting.days_{{ days }}, 0)
                as consumption_days_{{ days }},
        {% endfor %}
        profiles.home_clinic_id as clinic_id,
        greatest(points.lasting_date, fleeting.consumption_date) as last_date,
        {{ later_department('points', 'fleeting') }} as department
    from points
    inner join {{ ref('customer_profiles') }} as profiles
        on points.customer_key = profiles.customer_key
    left join fleeting
        on
            points.customer_key = fleeting.customer_key
            and points.event_date = fleeting.event_date
)

select
    known.customer_key,
    known.event_date,
    {% for days in windows %}
        known.consumption_days_{{ days }},
    {% endfor %}
    scopes.scope_id,
    date_diff('day', known.last_date, known.event_date) as days_since_consumption
from known
inner join {{ ref('policy_scopes') }} as scopes
    on {{ falls_under('known', 'scopes') }}
