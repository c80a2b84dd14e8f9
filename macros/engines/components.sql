{#
    Connected components: the smallest node of each node's component, over undirected pairs
    (node, neighbour). Nodes without a pair do not appear.

    Args:
        pairs: a relation or CTE with the columns node and neighbour; one direction is enough.
#}
{% macro connected_components(pairs) -%}
    with recursive edges (node, neighbour) as (
        select
            node,
            neighbour
        from {{ pairs }}
        union
        select
            neighbour,
            node
        from {{ pairs }}
    ),

    reached (node, label) as (
        select distinct
            node,
            node as label
        from edges
        union
        select
            edges.neighbour as node,
            reached.label
        from reached
        inner join edges on reached.node = edges.node
        where reached.label < edges.neighbour
    )

    select
        node,
        min(label) as component
    from reached
    group by node
{%- endmacro %}
