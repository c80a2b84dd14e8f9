{# A number as people write it: 12,345, 12.5 or, with two decimals, 12.50. #}
{% macro grouped_number(value, is_money=false) -%}
    {%- set number = "format('{:,.2f}', cast(" ~ value ~ " as double))" -%}
    regexp_replace({{ number }}, {{ "'[.]00$'" if is_money else "'[.]?0+$'" }}, '')
{%- endmacro %}


{# Texts of a group in one line, in the given order; null where there is none. #}
{% macro joined_text(text, separator, order) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order }})
{%- endmacro %}
