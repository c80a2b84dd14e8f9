{#
    Every threshold that a tier model depends on, as rows: model, threshold, used_by (the dbt
    model that reads it: the ladder itself, or one that makes its scores or amounts). Walks
    from each ladder up through the tiers room, so a threshold is found however far it stands.
    A model that no ladder reads may say whom it serves: meta `serves: <tier model>`.
#}
{% macro ladder_uses() -%}
    {%- set rows = [] -%}
    {%- for node in ladder_nodes() -%}
        {%- set reached = [node.unique_id] -%}
        {%- for step in range(graph.nodes | length) -%}
            {%- set parents = graph.nodes[reached[step]].depends_on.nodes if step < reached | length else [] -%}
            {%- for parent in parents if _serves_a_ladder(parent) and parent not in reached -%}
                {%- do reached.append(parent) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for other in project_models() if other.config.meta.serves == node.config.meta.ladder.model -%}
            {%- do reached.append(other.unique_id) -%}
        {%- endfor -%}
        {%- for id in reached -%}
            {%- for name in _thresholds_of(graph.nodes[id]) -%}
                {%- do rows.append(
                    "('" ~ [node.config.meta.ladder.model, name, graph.nodes[id].name] | join("', '") ~ "')"
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ value_rows(rows, 3) }}
{%- endmacro %}


{# A model of the tiers room that is not itself a tier model: what it reads serves another. #}
{% macro _serves_a_ladder(id) %}
    {% set node = graph.nodes.get(id) or {} %}
    {{ return(
        node.resource_type == 'model' and 'tiers' in node.fqn and 'ladder' not in node.config.meta
    ) }}
{% endmacro %}


{% macro _thresholds_of(node) %}
    {% set names = [] %}
    {% for key, listed in node.config.meta.items() if key.startswith('thresholds') %}
        {% for name in listed if name not in names %}{% do names.append(name) %}{% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
