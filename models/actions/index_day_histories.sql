-- What a customer had consumed up to such a day, read off in passing: a join would meet
-- all pairs of days. One row per customer who had consumed by then, day and as-of date.
{{ config(materialized='view') }}
with points as (
    select
        as_of_date,
        customer_key,
        consumption_date as point_date,
        consumption_date,
        department
    from {{ ref('consumption_days') }}
    union all
    select
        as_of_date,
        customer_key,
        index_date as point_date,
        null as consumption_date,
        null as department
    from {{ ref('index_days') }}
),

known as (
    select
        as_of_date,
        customer_key,
        point_date,
        consumption_date is null as is_index_day,
        {{ first_known('consumption_date') }} over so_far as first_consumption_date,
        {{ last_known('consumption_date') }} over so_far as last_consumption_date,
        {{ last_known('department') }} over so_far as department
    from points
    window so_far as (partition by customer_key, as_of_date order by point_date asc)
)

select
    as_of_date,
    customer_key,
    point_date as index_date,
    first_consumption_date,
    last_consumption_date,
    department
from known
where is_index_day and first_consumption_date is not null
