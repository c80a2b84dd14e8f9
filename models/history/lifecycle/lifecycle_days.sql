-- Consumption days with the day on which they cease to be one (null if never), the next
-- one that lasts, and how many a window holds from this one on.
-- One row per customer and consumption day.
{{ config(meta={'in_parts': true}) }}
with days as (
    select
        customer_key,
        consumption_date,
        {{ day_number('consumption_date') }} as day_number,
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
    ) as next_lasting_date,
    {% for days in var('measure_windows') %}
        count(*) over (
            partition by customer_key
            order by day_number asc
            range between current row and {{ days }} following
        ) as held_{{ days }},
    {% endfor %}
    count(ended_on) over (partition by customer_key) > 0 as has_ended_days
from days
