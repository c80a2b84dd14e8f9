{#
    Several rows out of one, as the last columns of a select list.

    Args:
        rows: a list of {column: SQL}, each with the same columns in the same order.
#}
{% macro one_row_each(rows) -%}
    {{ return(adapter.dispatch('one_row_each', 'strata')(rows)) }}
{%- endmacro %}

{% macro default__one_row_each(rows) -%}
    inline(array(
        {%- for row in rows %}
        {{ default__record_of(row) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{% macro duckdb__one_row_each(rows) -%}
    unnest([
        {%- for row in rows %}
        {{ duckdb__record_of(row) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ], recursive := true)
{%- endmacro %}


{#
    A key made of text: its MD5 as a UUID. That is one number to the engine, which groups and
    joins by it about twice as fast as by text of any length, and text to whoever reads it.
#}
{% macro hashed_key(text) -%}
    {{ return(adapter.dispatch('hashed_key', 'strata')(text)) }}
{%- endmacro %}

{% macro default__hashed_key(text) -%}
    {%- set hash = 'md5(' ~ text ~ ')' -%}
    concat_ws(
        '-', substr({{ hash }}, 1, 8), substr({{ hash }}, 9, 4), substr({{ hash }}, 13, 4),
        substr({{ hash }}, 17, 4), substr({{ hash }}, 21)
    )
{%- endmacro %}

{% macro duckdb__hashed_key(text) -%}
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
    {{ return(adapter.dispatch('file_of', 'strata')(row_id)) }}
{%- endmacro %}

{% macro default__file_of(row_id) -%}
    shiftright({{ row_id }}, 32)
{%- endmacro %}

{% macro duckdb__file_of(row_id) -%}
    ({{ row_id }} >> 32)
{%- endmacro %}


{# Gives rows of a checked feed new values: those of the query with the same row_id and key. #}
{% macro update_rows(target, columns, query) -%}
    {{ return(adapter.dispatch('update_rows', 'strata')(target, columns, query)) }}
{%- endmacro %}

{% macro default__update_rows(target, columns, query) -%}
merge into {{ target }} as held
using ({{ query }}) as news
on held.row_id = news.row_id and held.key_hash = news.key_hash
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
where held.row_id = news.row_id and held.key_hash = news.key_hash
{%- endmacro %}
