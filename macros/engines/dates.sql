{# The day so many whole days after another. #}
{% macro days_after(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}


{# Whether a day is the last of its month. #}
{% macro is_month_end(day) -%}
    ({{ day }} = last_day({{ day }}))
{%- endmacro %}


{# A day as a number, for frames that reach back so many days. #}
{% macro day_number(day) -%}
    date_diff('day', date '2000-01-01', {{ day }})
{%- endmacro %}
