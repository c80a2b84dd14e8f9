-- The days that the run describes: var as_of_date, else the last business day in the data.
-- One row per as-of date.
with last_days as (
    select max(order_date) as business_date from {{ ref('orders') }}
    union all
    select max(visit_date) from {{ ref('visits') }}
    where status = 'arrived'
)

select
    {%- if var('as_of_date') %}
    date '{{ var("as_of_date") }}' as as_of_date
    {%- else %}
    max(business_date) as as_of_date
    {%- endif %}
from last_days
