{# The join condition of two relations that hold one row per customer and as-of date. #}
{% macro same_customer(left, right) -%}
    {{ left }}.customer_sk = {{ right }}.customer_sk
    and {{ left }}.as_of_date = {{ right }}.as_of_date
{%- endmacro %}


{# Columns of one relation. #}
{% macro columns_of(relation, names) -%}
    {%- for name in names %}
    {{ relation }}.{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
