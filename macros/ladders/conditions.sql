{#
    Why each customer stands where she stands in one model, and what the next rung asks:
    one row per customer and condition of her own rung (role `holds`) and of the rung to
    aim for (role `next`). Written for a view: it is computed when asked.
#}
{% macro ladder_conditions(node) -%}
    {%- set ladder = node.config.meta.ladder -%}
    {%- set rungs, versus = ladder.rungs, ladder.versus -%}
    select * from (
        with measures as (
            select * from {{ ref(ladder.measures) }}
        ),

        policy as (
            {{ policy_columns(ladder_thresholds(rungs, versus)) }}
        ),

        placed as (
            select
                tiers.*,
                {{ next_rung_case(rungs) }} as declared_next_tier
            from {{ ref(node.name) }} as tiers
        ),

        aimed as (
            select
                placed.*,
                coalesce(placed.declared_next_tier, above.tier) as next_tier
            from placed
            left join {{ ref('tiers') }} as above
                on above.model = '{{ ladder.model }}'
                and above.tier_rank = placed.tier_rank - 1
        )

        {% for rung in rungs -%}
        {%- for c in rung_conditions(rung, versus) %}
        select
            aimed.customer_key,
            aimed.as_of_date,
            aimed.ruleset,
            '{{ ladder.model }}' as model,
            aimed.tier,
            '{{ rung.tier }}' as rung,
            case when aimed.tier = '{{ rung.tier }}' then 'holds' else 'next' end as role,
            {{ c.group }} as condition_group,
            '{{ c.parts.measure }}' as measure,
            {{ 'policy.' ~ c.parts.window if c.parts.window else 'null' }} as window_days,
            '{{ c.parts.comparison }}' as comparison,
            {{ ("'" ~ c.parts.target ~ "'") if c.parts.kind == 'threshold' else 'null' }} as threshold,
            {%- set is_number = c.parts.kind in ('threshold', 'column') %}
            {{ measure_sql(c.parts) if is_number else 'null' }} as value,
            {{ target_sql(c.parts) if is_number else 'null' }} as target,
            {{ 'cast(' ~ measure_sql(c.parts) ~ ' as varchar)' if not is_number else 'null' }} as value_code,
            {{ c.parts.target if c.parts.kind == 'code' else 'null' }} as target_code,
            {{ condition_sql(c.condition, versus) }} as is_met
        from aimed
        inner join measures using (customer_key, as_of_date)
        inner join policy
            on measures.as_of_date = policy.as_of_date
            and measures.scope_id = policy.scope_id
        where aimed.tier = '{{ rung.tier }}'
            or aimed.next_tier = '{{ rung.tier }}'
        {{ 'union all' if not loop.last }}
        {%- endfor %}
        {{ 'union all' if not loop.last and rungs[loop.index].when }}
        {%- endfor %}
    )
{%- endmacro %}


{# The rung to aim for where the ladder names one. #}
{% macro next_rung_case(rungs) -%}
    {%- set named = rungs | selectattr('next', 'defined') | list -%}
    {%- if not named -%}
    cast(null as varchar)
    {%- else -%}
    case tiers.tier
        {%- for rung in named %}
        when '{{ rung.tier }}' then '{{ rung.next }}'
        {%- endfor %}
    end
    {%- endif -%}
{%- endmacro %}


{# The nodes of the tier models in reading order; empty while dbt is still parsing. #}
{% macro ladder_nodes() %}
    {% set nodes = [] %}
    {% if execute %}
        {% for name in var('tier_models') %}
            {% do nodes.append(graph.nodes['model.' ~ project_name ~ '.tier_' ~ name]) %}
        {% endfor %}
    {% endif %}
    {{ return(nodes) }}
{% endmacro %}
