-- The days that the run describes: var as_of_date (one day or a list), else the last
-- business day in the data. One row per as-of date.
{{ config(materialized='table', schema='measures') }}
{%- set days = var('as_of_date') or [] %}
{%- set days = [days] if days is string else days %}
with last_days as (
    select max(order_date) as business_date from {{ ref('orders') }}
    union all
    select max(visit_date) as business_date from {{ ref('visits') }}
    where status = 'arrived'
)

{% if days %}
    {% for day in days %}
        select cast('{{ day }}' as date) as as_of_date
        {{ 'union' if not loop.last }}
    {% endfor %}
{% else %}
    select max(business_date) as as_of_date
    from last_days
{% endif %}
