-- The month ends whose fit may serve an as-of date: the last one by then, and the ones
-- before it in case its fit fails. One row per as-of date and month end.
{{ config(meta={'recompute': 'everything'}) }}
with months as (
    select
        as_of_date,
        cast({{ dbt.date_trunc('month', dbt.dateadd('day', 1, 'as_of_date')) }} as date)
            as month_date
    from {{ ref('as_of_dates') }}
    where as_of_date is not null
)

{% for attempt in range(var('clv_fit_attempts')) %}
    select
        as_of_date,
        {{ attempt + 1 }} as attempt,
        cast(
            {{ dbt.dateadd('day', -1, dbt.dateadd('month', -attempt, 'month_date')) }}
            as date
        ) as fit_date
    from months
    {{ 'union all' if not loop.last }}
{% endfor %}
