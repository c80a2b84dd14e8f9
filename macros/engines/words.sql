{# A number as people write it: 12,345, 12.5 or, with two decimals, 12.50. #}
{% macro grouped_number(value, is_money=false) -%}
    regexp_replace(
        {{- adapter.dispatch('with_two_decimals', 'strata')(value) }}, {{ "'[.]00$'" if is_money else "'[.]?0+$'" }}, ''
    )
{%- endmacro %}

{% macro default__with_two_decimals(value) -%} format_number({{ value }}, 2) {%- endmacro %}

{% macro duckdb__with_two_decimals(value) -%}
    format('{:,.2f}', cast({{ value }} as double))
{%- endmacro %}


{# Texts of a group in one line, in the given order; null where there is none. #}
{% macro joined_text(text, separator, order) -%}
    {{ return(adapter.dispatch('joined_text', 'strata')(text, separator, order)) }}
{%- endmacro %}

{% macro default__joined_text(text, separator, order) -%}
    {{ told_together(default__gathered(text, order), separator) }}
{%- endmacro %}

{% macro duckdb__joined_text(text, separator, order) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order }})
{%- endmacro %}
