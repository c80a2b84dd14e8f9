{# A date so many whole days later. #}
{% macro add_days(day, days) -%}
    {{ day }} + cast({{ days }} as integer)
{%- endmacro %}
