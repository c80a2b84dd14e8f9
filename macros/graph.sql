{# A model of this project in dbt's graph, by its name; only while dbt executes. #}
{% macro node_of(name) %}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ name]) }}
{% endmacro %}


{# The relation of a node or source of the graph, from where ref() cannot be called. #}
{% macro relation_of(node) %}
    {{ return(api.Relation.create(
        database=node.database, schema=node.schema,
        identifier=node.get('identifier') or node.alias
    )) }}
{% endmacro %}
