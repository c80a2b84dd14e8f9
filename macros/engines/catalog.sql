{# The query of a view, as the engine keeps it. #}
{% macro view_body(relation) %}
    {% set found = run_query(
        "select sql from duckdb_views() where database_name = '" ~ relation.database
        ~ "' and schema_name = '" ~ relation.schema ~ "' and view_name = '"
        ~ relation.identifier ~ "'"
    ) %}
    {% set sql = found.columns[0].values()[0] %}
    {{ return(modules.re.sub('^CREATE VIEW .*? AS ', '', sql, count=1).rstrip(';\n ')) }}
{% endmacro %}


{# Such a query, with `sql` in the place of one of its relations (a node of the graph). #}
{% macro with_relation(body, node, sql) %}
    {% set name = node.get('identifier') or node.alias %}
    {% set pattern = '(?<![\\w."])"?' ~ node.database ~ '"?\\."?' ~ node.schema ~ '"?\\."?'
        ~ name ~ '"?(?!\\w)' %}
    {{ return(modules.re.sub(pattern, sql.replace('\\', '\\\\'), body)) }}
{% endmacro %}


{#
    The rows that two queries do not have equally often. Copies are counted: `except all`
    would say the same in three to five times the time.
#}
{% macro symmetric_difference(columns, before, after) -%}
    select * exclude (copies) from (
        {%- for one, other in [(before, after), (after, before)] %}
        (
            select {{ columns }}, count(*) as copies from {{ one }} group by all
            except
            select {{ columns }}, count(*) as copies from {{ other }} group by all
        )
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{# The decimals that a column of a relation can hold; of a floating number 17. #}
{% macro decimals_of(column) %}
    {% if modules.re.match('(?i)double|float|real', column.dtype) %}{{ return(17) }}{% endif %}
    {% set scale = modules.re.search(',\\s*(\\d+)\\)$', column.dtype) %}
    {{ return(scale.group(1) | int if scale else 0) }}
{% endmacro %}
