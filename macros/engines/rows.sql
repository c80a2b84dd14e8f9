{#
    Several rows out of one, as the last columns of a select list.

    Args:
        rows: a list of {column: SQL}, each with the same columns in the same order.
#}
{% macro one_row_each(rows) -%}
    {%- set structs = [] -%}
    {%- for row in rows -%}
        {%- set fields = [] -%}
        {%- for name, sql in row.items() -%}{%- do fields.append("'" ~ name ~ "': " ~ sql) -%}{%- endfor -%}
        {%- do structs.append('{' ~ fields | join(', ') ~ '}') -%}
    {%- endfor -%}
    unnest([{{ structs | join(',\n            ') }}], recursive := true)
{%- endmacro %}


{#
    A key made of text: its MD5 as a UUID. That is one number to the engine, which groups and
    joins by it about twice as fast as by text of any length, and text to whoever reads it.
#}
{% macro hashed_key(text) -%}
    cast(md5({{ text }}) as uuid)
{%- endmacro %}


{# The first and the last value that is known; the caller says over which rows. #}
{% macro first_known(value) -%}
    first_value({{ value }} ignore nulls)
{%- endmacro %}


{% macro last_known(value) -%}
    last_value({{ value }} ignore nulls)
{%- endmacro %}


{# The file of a raw row, by its id (strata.landing.tables: file id × 2³² + row number). #}
{% macro file_of(row_id) -%}
    ({{ row_id }} >> 32)
{%- endmacro %}


{# Gives rows of a table new values: those of the query with the same row_id. #}
{% macro update_rows(target, columns, query) -%}
    {{ return(adapter.dispatch('update_rows', 'strata')(target, columns, query)) }}
{%- endmacro %}

{% macro default__update_rows(target, columns, query) -%}
merge into {{ target }} as held
using ({{ query }}) as news
on held.row_id = news.row_id
when matched then update set
    {%- for column in columns %}
    {{ column }} = news.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro duckdb__update_rows(target, columns, query) -%}
update {{ target }} as held set
    {%- for column in columns %}
    {{ column }} = news.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from ({{ query }}) as news
where held.row_id = news.row_id
{%- endmacro %}
