{#
    Those above each descendant: (descendant, ancestor), walking up the edges (node, parent,
    place) as long as they come before the descendant's own place. Ends also where the
    edges go round in a circle.

    Args:
        edges: a relation or CTE with node, parent and place; one parent a node.
        starts: a relation or CTE with descendant, parent and place: where to begin.
#}
{% macro ancestors(edges, starts) -%}
    with recursive above (descendant, ancestor, place) as (
        select
            descendant,
            parent as ancestor,
            place
        from {{ starts }}
        union
        select
            above.descendant,
            edges.parent as ancestor,
            above.place
        from above
        inner join {{ edges }} as edges on above.ancestor = edges.node
        where edges.place < above.place
    )

    select
        descendant,
        ancestor
    from above
{%- endmacro %}
