-- The month ends whose fit may serve an as-of date: the last one by then, and the ones
-- before it in case its fit fails. One row per as-of date and month end.
{{ config(materialized='view') }}
with months as (
    select
        as_of_date,
        {{ month_start(days_after('as_of_date', 1)) }} as month_date
    from {{ ref('as_of_dates') }}
    where as_of_date is not null
)

{% for attempt in range(var('clv_fit_attempts')) %}
    select
        as_of_date,
        {{ attempt + 1 }} as attempt,
        {{ days_after('cast(' ~ dbt.dateadd('month', -attempt, 'month_date') ~ ' as date)', -1) }}
            as fit_date
    from months
    {{ 'union all' if not loop.last }}
{% endfor %}
