{# The join condition of two relations that hold one row per customer and as-of date. #}
{% macro same_customer(left, right) -%}
    {{ left }}.customer_key = {{ right }}.customer_key
    and {{ left }}.as_of_date = {{ right }}.as_of_date
{%- endmacro %}
