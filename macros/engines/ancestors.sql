{#
    Those above each start: (start, ancestor), walking up the edges (node, parent,
    position) as long as they come before the start's own position. Ends also where the
    edges go round in a circle.

    Args:
        edges: a relation or CTE with node, parent and position; one parent a node.
        starts: a relation or CTE with start, parent and position: where to begin.
#}
{% macro ancestors(edges, starts) -%}
    with recursive above (start, ancestor, position) as (
        select
            start,
            parent as ancestor,
            position
        from {{ starts }}
        union
        select
            above.start,
            edges.parent as ancestor,
            above.position
        from above
        inner join {{ edges }} as edges on above.ancestor = edges.node
        where edges.position < above.position
    )

    select
        start,
        ancestor
    from above
{%- endmacro %}
