{# The day so many whole days after another. #}
{% macro days_after(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}


{# Whether a day is the last of its month. #}
{% macro is_month_end(day) -%}
    ({{ day }} = last_day({{ day }}))
{%- endmacro %}
