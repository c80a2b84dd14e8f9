{#
    CTEs that end in `judged` (customer_key, as_of_date, model, tier): each ladder tried on
    the later day's measures with the thresholds of the earlier day, where the two differ.

    Needs the CTE `policy_then` (to_date, scope_id, threshold, value, is_changed).
#}
{% macro judged_by_earlier_policy() -%}
    {%- set judged = [] -%}
    {%- for node in ladder_nodes() if node.config.meta.ladder
        and node.config.meta.ladder.model in var('tier_models') -%}
        {%- set ladder = node.config.meta.ladder -%}
        {%- set names = ladder_thresholds(ladder.rungs, ladder.versus) -%}
        {%- if names -%}
            {%- do judged.append('judged_' ~ ladder.model) -%}
judged_{{ ladder.model }} as (
    {{ _ladder_under_earlier_policy(ladder, names) }}
),

        {% endif -%}
    {%- endfor -%}
judged (customer_key, as_of_date, model, tier) as (
    {%- for name in judged %}
    select customer_key, as_of_date, tier_model, tier from {{ name }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    {{ value_rows([], 4) }}
    {%- endfor %}
)
{%- endmacro %}


{% macro _ladder_under_earlier_policy(ladder, names) -%}
    with policy as (
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
    )

    select
        measures.customer_key,
        measures.as_of_date,
        '{{ ladder.model }}' as tier_model,
        {{ ladder_case(ladder.rungs, ladder.versus) | indent(8) }} as tier
    from {{ node_of(ladder.measures).relation_name }} as measures
    inner join policy
        on measures.as_of_date = policy.to_date
        and measures.scope_id = policy.scope_id
    {%- if is_per_ruleset(ladder.measures) %}
        and measures.ruleset = '{{ var("ruleset") }}'
    {%- endif %}
{%- endmacro %}
