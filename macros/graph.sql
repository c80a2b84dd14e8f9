{# A model of this project in dbt's graph, by its name; only while dbt executes. #}
{% macro node_of(name) %}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ name]) }}
{% endmacro %}


{#
    The relation of a node or source of the graph, from where ref() cannot be called. What a
    simulation does not build itself it reads from the build, as ref() does (dbt's --defer).
#}
{% macro relation_of(node) %}
    {% set deferred = node.get('defer_relation') if node.unique_id not in selected_resources else none %}
    {% set place = deferred or node %}
    {{ return(api.Relation.create(
        database=place.database, schema=place.schema,
        identifier=node.get('identifier') or place.alias
    )) }}
{% endmacro %}
