{#
    Whether a key is among the first so many of a relation. The last of them is looked up
    when the query is made, so that it stands there as a constant and views below are read
    for those keys only. Everybody while nothing is built.
#}
{% macro is_among_first(key, relation, count) -%}
    {%- if execute and flags.WHICH in ('build', 'test') -%}
        {%- set last = run_sql(
            'select max(' ~ key ~ ') from (select distinct ' ~ key ~ ' from ' ~ relation
            ~ ' order by ' ~ key ~ ' limit ' ~ count ~ ') as firsts'
        )[0][0] -%}
        {{ "false" if last is none else key ~ " <= '" ~ last ~ "'" }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{#
    How large a draw leaves at most `most` of a number (0: all): one in a power of two, so that
    the draw of a larger number is a part of this one, and is another one seldom.
#}
{% macro drawn_one_in(number, most) -%}
    case
        when {{ most }} > 0 and {{ number }} > {{ most }}
            then cast(power(2, ceil(log2({{ number }} / {{ most }}))) as integer)
        else 1
    end
{%- endmacro %}


{#
    Whether a key is drawn, one in so many: by hash, so the same on every run and machine. The
    keys drawn one in 8 are among those drawn one in 4.
#}
{% macro is_drawn(key, one_in) -%}
    case
        when {{ one_in }} = 1 then true
        else md5_number_lower(cast({{ key }} as varchar)) % {{ one_in }} = 0
    end
{%- endmacro %}


{# A number from 0 up to but not `below`, drawn by hash of a text. #}
{% macro drawn_number(text, below) -%}
    cast(md5_number_lower({{ text }}) % {{ below }} as integer)
{%- endmacro %}


{# The four values that one to four fifths of all do not exceed, as a list (`element_of`). #}
{% macro quintiles(column) -%}
    {{ return(adapter.dispatch('quintiles', 'strata')(column)) }}
{%- endmacro %}

{% macro default__quintiles(column) -%}
    array(
        {%- for fifth in range(1, 5) %}
        percentile_disc({{ fifth }} / 5.0) within group (order by {{ column }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro duckdb__quintiles(column) -%}
    quantile_disc({{ column }}, [1 / 5.0, 2 / 5.0, 3 / 5.0, 4 / 5.0])
{%- endmacro %}
