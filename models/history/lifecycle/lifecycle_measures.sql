-- The measures of the lifecycle ladder on each day on which they can change, with the
-- scope whose thresholds judge. A window that no threshold names is never let go of.
-- One row per customer and day.
{{ config(materialized='view') }}
with points as (
    select * from {{ ref('lifecycle_points') }}
),

fleeting as (
    select
        points.customer_key,
        points.event_date,
        max(supports.consumption_date) as consumption_date,
        max(supports.consumption_date) filter (where supports.department is not null)
            as department_date,
        arg_max(
            supports.department, (supports.consumption_date, supports.department)
        ) filter (where supports.department is not null) as department
    from points
    inner join {{ ref('consumption_supports') }} as supports
        on
            points.customer_key = supports.customer_key
            and points.event_date >= supports.consumption_date
            and points.event_date < supports.ended_on
    group by points.customer_key, points.event_date
),

known as (
    select
        points.*,
        profiles.home_clinic_id as clinic_id,
        greatest(points.lasting_date, fleeting.consumption_date) as last_date,
        case
            when points.lasting_department_date is null then fleeting.department
            when fleeting.department_date > points.lasting_department_date
                then fleeting.department
            when fleeting.department_date = points.lasting_department_date
                then greatest(fleeting.department, points.lasting_department)
            else points.lasting_department
        end as department
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
    {% for days in var('measure_windows') + ['lifetime'] %}
        known.consumption_days_{{ days }},
    {% endfor %}
    scopes.scope_id,
    date_diff('day', known.last_date, known.event_date) as days_since_consumption
from known
inner join {{ ref('policy_scopes') }} as scopes
    on {{ falls_under('known', 'scopes') }}
