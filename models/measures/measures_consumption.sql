-- Recency and frequency of consumption days. One row per consumer and as-of date.
select
    customer_key,
    as_of_date,
    min(consumption_date) as first_consumption_date,
    min(days_ago) as days_since_consumption,
    arg_min(department, days_ago) as last_department,
    {{ windowed('count(*)', 'consumption_days') }}
from {{ ref('consumption_days') }}
group by customer_key, as_of_date
