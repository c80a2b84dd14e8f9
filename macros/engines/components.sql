{#
    Connected components: the smallest node of each node's component, over the undirected
    edges (node, neighbour). Nodes without an edge do not appear.

    Args:
        edges: a relation or CTE with the columns node and neighbour, both directions.
#}
{% macro connected_components(edges) -%}
    with recursive reached (node, label) as (
        select distinct
            node,
            node as label
        from {{ edges }}
        union
        select
            edges.neighbour as node,
            reached.label
        from reached
        inner join {{ edges }} as edges on reached.node = edges.node
        where reached.label < edges.neighbour
    )

    select
        node,
        min(label) as component
    from reached
    group by node
{%- endmacro %}
