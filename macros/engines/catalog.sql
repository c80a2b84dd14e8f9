{# The query of a view, as the engine keeps it. #}
{% macro view_body(relation) %}
    {% set found = run_sql(
        "select sql from duckdb_views() where database_name = '" ~ relation.database
        ~ "' and schema_name = '" ~ relation.schema ~ "' and view_name = '"
        ~ relation.identifier ~ "'"
    ) %}
    {{ return(modules.re.sub('^CREATE VIEW .*? AS ', '', found[0][0], count=1).rstrip(';\n ')) }}
{% endmacro %}


{# Such a query, with `sql` in the place of one of its relations (a node of the graph). #}
{% macro with_relation(body, node, sql) %}
    {% set relation = relation_of(node) %}
    {% set pattern = '(?<![\\w."])"?' ~ relation.database ~ '"?\\."?' ~ relation.schema
        ~ '"?\\."?' ~ relation.identifier ~ '"?(?!\\w)' %}
    {{ return(modules.re.sub(pattern, sql.replace('\\', '\\\\'), body)) }}
{% endmacro %}


{#
    The keys (SQL, grouped by) whose rows two queries do not both have, and equally often.
    Rows are told apart by the sum of their hashes, so that each query is read once and
    nothing but keys is held: two sums are equal by chance once in 2⁶⁴. Each hash is hashed
    again, because DuckDB's of several values hands on the bits of the last one.
#}
{% macro differing_keys(keys, columns, before, after) -%}
    select {{ keys }}
    from (
        select
            *,
            side_sign * cast(hash(hash(*columns(* exclude (side_sign)))) as hugeint) as row_hash
        from (
            select {{ columns }}, 1 as side_sign from {{ before }}
            union all
            select {{ columns }}, -1 as side_sign from {{ after }}
        )
    )
    group by all
    having sum(row_hash) != 0
{%- endmacro %}


{# The decimals that a column of a relation can hold; of a floating number 17. #}
{% macro decimals_of(column) %}
    {% if modules.re.match('(?i)double|float|real', column.dtype) %}{{ return(17) }}{% endif %}
    {% set scale = modules.re.search(',\\s*(\\d+)\\)$', column.dtype) %}
    {{ return(scale.group(1) | int if scale else 0) }}
{% endmacro %}
