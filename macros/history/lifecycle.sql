{#
    The lifecycle ladder as tier_lifecycle declares it, and where time alone can change what it
    says: a recency on the day on which it reaches one of the `limits`, or has `passed` it; a
    count in a window when a day leaves it that made it full: `counts` holds window, number and
    whether the number has to be exceeded. Empty while dbt is still parsing. Of
    tier_lifecycle its declaration is read and no row: a caller does not depend on it.
#}
{% macro lifecycle_ladder() %}
    {% set found = {'rungs': [{'tier': ''}], 'versus': [], 'limits': [], 'passed': [],
        'counts': [], 'thresholds': []} %}
    {% if execute %}
        {% set ladder = node_of('tier_lifecycle').config.meta.ladder %}
        {% do found.update({
            'rungs': ladder.rungs, 'versus': ladder.versus,
            'thresholds': ladder_thresholds(ladder.rungs, ladder.versus),
        }) %}
        {% for rung in ladder.rungs %}
            {% for c in rung_conditions(rung, ladder.versus) %}
                {% set asks = c.parts %}
                {% set is_met = asks.comparison not in ('<=', '>') %}
                {% set is_passed = asks.comparison not in ('<', '>=') %}
                {% if asks.measure == 'days_since_consumption' and asks.kind in ('threshold', 'null') %}
                    {% if asks.kind == 'threshold' and is_met %}{% do found.limits.append(asks.target) %}{% endif %}
                    {% if asks.kind == 'threshold' and is_passed %}{% do found.passed.append(asks.target) %}{% endif %}
                {% elif asks.measure.startswith('consumption_days') and asks.kind == 'threshold' %}
                    {% if asks.window and is_met %}{% do found.counts.append([asks.window, asks.target, false]) %}{% endif %}
                    {% if asks.window and is_passed %}{% do found.counts.append([asks.window, asks.target, true]) %}{% endif %}
                {% else %}
                    {{ exceptions.raise_compiler_error(
                        "The lifecycle ladder asks for \"" ~ asks.measure ~ "\". Its intervals know "
                        ~ "days_since_consumption and consumption_days, held against thresholds, only: "
                        ~ "teach models/history/lifecycle/lifecycle_measures.sql the new condition."
                    ) }}
                {% endif %}
            {% endfor %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{# The ages, in days, on which a recency reaches or passes a limit: column `day_count`. #}
{% macro ages_at_limits(ladder) -%}
    select distinct
        cast(ceil(value) as integer) as day_count
    from {{ ref('threshold_periods') }}
    where threshold in ('{{ ladder.limits | join("', '") }}')
    union
    select distinct
        cast(floor(value) as integer) + 1 as day_count
    from {{ ref('threshold_periods') }}
    where threshold in ('{{ ladder.passed | join("', '") }}')
{%- endmacro %}


{#
    The windows in which days are counted, with the numbers of days that matter: one less, and
    a condition turns. Columns `window_days`, `held_days`.
#}
{% macro counts_that_matter(ladder) -%}
    {%- for window, least, exceeded in ladder.counts %}
    select
        cast(windows.value as integer) as window_days,
        {{ 'cast(floor(least.value) as integer) + 1' if exceeded else 'cast(ceil(least.value) as integer)' }}
            as held_days
    from {{ ref('threshold_periods') }} as windows
    inner join {{ ref('threshold_periods') }} as least
        on
            windows.period_from = least.period_from
            and windows.ruleset = least.ruleset
            and windows.scope_id = least.scope_id
    where
        windows.threshold = '{{ window }}'
        and least.threshold = '{{ least }}'
        and windows.value > 0
    {{ 'union' if not loop.last }}
    {%- else %}
    select
        0 as window_days,
        0 as held_days
    from {{ ref('threshold_periods') }}
    where false
    {%- endfor %}
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


{# Of the days refunded since, how many a window still holds at a point: columns `days_…`. #}
{% macro fleeting_counts(windows) -%}
    {%- for days in windows %}
    count(distinct held.consumption_date) filter (
        where held.is_whole_day
        {%- if days != 'lifetime' %}
        and {{ days_after('held.consumption_date', days) }} >= points.event_date
        {%- endif %}
    ) as days_{{ days }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The department of the later day; of two on one day the last by name. #}
{% macro later_department(points, fleeting) -%}
    case
        when {{ points }}.lasting_department_date is null then {{ fleeting }}.department
        when {{ fleeting }}.department_date > {{ points }}.lasting_department_date
            then {{ fleeting }}.department
        when {{ fleeting }}.department_date = {{ points }}.lasting_department_date
            then greatest({{ fleeting }}.department, {{ points }}.lasting_department)
        else {{ points }}.lasting_department
    end
{%- endmacro %}
