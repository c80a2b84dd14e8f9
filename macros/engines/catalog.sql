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


{# The rows that only one of two queries has. #}
{% macro symmetric_difference(columns, before, after) -%}
    (select {{ columns }} from {{ before }} except select {{ columns }} from {{ after }})
    union all
    (select {{ columns }} from {{ after }} except select {{ columns }} from {{ before }})
{%- endmacro %}
