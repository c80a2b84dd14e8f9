{#
    The lifecycle ladder as tier_lifecycle declares it, with the thresholds whose values are
    ages in days: `limits` a recency is compared with, `windows` days are counted in. Empty
    while dbt is still parsing. A caller says `depends_on: tier_lifecycle`.
#}
{% macro lifecycle_ladder() %}
    {% set found = {'rungs': [{'tier': ''}], 'versus': [], 'limits': [],
        'windows': [], 'thresholds': []} %}
    {% if execute %}
        {% set ladder = graph.nodes['model.' ~ project_name ~ '.tier_lifecycle'].config.meta.ladder %}
        {% do found.update({
            'rungs': ladder.rungs, 'versus': ladder.versus,
            'windows': ladder_windows(ladder.rungs, ladder.versus),
            'thresholds': ladder_thresholds(ladder.rungs, ladder.versus),
        }) %}
        {% for rung in ladder.rungs %}
            {% for c in rung_conditions(rung, ladder.versus) %}
                {% if c.parts.measure == 'days_since_consumption' %}
                    {% if c.parts.kind == 'threshold' and c.parts.target not in found.limits %}
                        {% do found.limits.append(c.parts.target) %}
                    {% endif %}
                {% elif not c.parts.measure.startswith('consumption_days') %}
                    {{ exceptions.raise_compiler_error(
                        "The lifecycle ladder asks for \"" ~ c.parts.measure ~ "\". Its intervals know "
                        ~ "days_since_consumption and consumption_days only: teach "
                        ~ "models/history/lifecycle/lifecycle_measures.sql the new measure."
                    ) }}
                {% endif %}
            {% endfor %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{# The values, over time and scopes, of some thresholds that hold days: column `day_count`. #}
{% macro values_in_days(names) -%}
    select distinct cast(value as integer) as day_count
    from {{ ref('threshold_periods') }}
    where threshold in ('{{ names | join("', '") }}') and value > 0
{%- endmacro %}


{# Thresholds as columns: one row per period in which none of any changes, and scope. #}
{% macro policy_by_period(names) -%}
    select
        period_from,
        period_to,
        ruleset,
        scope_id
        {%- for name in names %},
        max(value) filter (where threshold = '{{ name }}') as {{ name }}
        {%- endfor %}
    from {{ ref('threshold_periods') }}
    group by period_from, period_to, ruleset, scope_id
{%- endmacro %}


{# The days on which a threshold of the lifecycle ladder begins: column `valid_from`. #}
{% macro lifecycle_changes(ladder) -%}
    select distinct valid_from
    from {{ ref('threshold_periods') }}
    where threshold in ('{{ ladder.thresholds | join("', '") }}')
{%- endmacro %}
