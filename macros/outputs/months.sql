{# The first day of the month so many months after the one in which a day lies. #}
{% macro month_after(day, months=1) -%}
    cast({{ dbt.dateadd('month', months, month_start(day)) }} as date)
{%- endmacro %}


{# The last day that the outputs describe. #}
{% macro last_day_described() -%}
    (select max(dates.as_of_date) from {{ ref('as_of_dates') }} as dates)
{%- endmacro %}
