{#
    Who stands elsewhere only because a threshold changed: each ladder tried on the later
    day's measures with the thresholds of the earlier day. Only where the two differ.

    Needs the CTEs `pairs` (from_date, to_date) and `policy_then` (to_date, scope_id,
    threshold, value, is_changed).
#}
{% macro tiers_under_earlier_policy() -%}
    {%- set selects = [] -%}
    {%- for node in ladder_nodes() if node.config.meta.ladder -%}
        {%- do selects.append(_under_earlier_policy(node, node.config.meta.ladder)) -%}
    {%- endfor -%}
    {{ selects | reject('equalto', '') | join('\n    union all\n    ') or value_rows([], 4) }}
{%- endmacro %}


{% macro _under_earlier_policy(node, ladder) -%}
    {%- set names = ladder_thresholds(ladder.rungs, ladder.versus) -%}
    {%- if names -%}
    select
        measures.customer_key,
        measures.as_of_date,
        '{{ ladder.model }}',
        {{ ladder_case(ladder.rungs, ladder.versus) }}
    from {{ graph.nodes['model.' ~ project_name ~ '.' ~ ladder.measures].relation_name }} as measures
    inner join (
        select
            to_date,
            scope_id
            {%- for name in names %},
            max(value) filter (where threshold = '{{ name }}') as {{ name }}
            {%- endfor %}
        from policy_then
        where threshold in ('{{ names | join("', '") }}')
        group by to_date, scope_id
        having bool_or(is_changed)
    ) as policy
        on measures.as_of_date = policy.to_date
        and measures.scope_id = policy.scope_id
    {%- endif -%}
{%- endmacro %}
