{#
    The lifecycle ladder as arithmetic. While the days that count stay the same, every condition
    on them holds up to a fixed day: `days_since_consumption <= limit` up to the last day plus
    the limit, `consumption_days[window] >= n` up to the n-th last day plus the window. Gives
    rungs, each [{condition, kind, threshold …}], as tier_lifecycle declares them; names of the
    thresholds; and the tier of everybody left. Empty while dbt is still parsing. Of
    tier_lifecycle the declaration is read and no row: a caller does not depend on it.
#}
{% macro lifecycle_arithmetic() %}
    {% set found = {'rungs': [], 'last_tier': '', 'thresholds': [], 'least_counts': []} %}
    {% if execute %}
        {% set ladder = node_of('tier_lifecycle').config.meta.ladder %}
        {% for rung in ladder.rungs[:-1] %}
            {% set place = loop.index %}
            {% set terms = [] %}
            {% for c in rung_conditions(rung, ladder.versus) %}
                {% set term = _lifecycle_term(c.parts) %}
                {% if not term or rung.when[c.group - 1] is not string %}
                    {% do _refuse_condition(rung.tier, c.condition) %}
                {% elif term.kind == 'from_age' and place < ladder.rungs | length - 1 %}
                    {{ exceptions.raise_compiler_error(
                        "tier_lifecycle: the rung " ~ rung.tier ~ " begins at an age (" ~ c.condition
                        ~ "). Only the last rung but one may: intervals are told from rungs that "
                        ~ "end on a day. Write it with < or <=, or move it down."
                    ) }}
                {% endif %}
                {% do terms.append(term) %}
                {% if term.kind == 'count' %}{% do found.least_counts.append(c.parts) %}{% endif %}
            {% endfor %}
            {% do found.rungs.append({'tier': rung.tier, 'terms': terms}) %}
        {% endfor %}
        {% do found.update({
            'last_tier': ladder.rungs[-1].tier,
            'thresholds': ladder_thresholds(ladder.rungs[:-1], ladder.versus),
        }) %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{# One condition as {kind, c}; none if the arithmetic does not cover it. #}
{% macro _lifecycle_term(c) %}
    {% set kind = none %}
    {% if c.measure == 'days_since_consumption' and not c.window %}
        {% if c.kind == 'null' %}{% set kind = 'never' if c.comparison == '=' else 'ever' %}
        {% elif c.kind == 'threshold' and c.comparison in ('<=', '<') %}{% set kind = 'to_age' %}
        {% elif c.kind == 'threshold' and c.comparison in ('>=', '>') %}{% set kind = 'from_age' %}
        {% endif %}
    {% elif c.measure == 'consumption_days' and c.window and c.kind == 'threshold'
        and c.comparison in ('>=', '>') %}
        {% set kind = 'count' %}
    {% elif c.measure == 'consumption_days_lifetime' and not c.window and c.kind == 'threshold' %}
        {% set kind = 'lifetime' %}
    {% endif %}
    {{ return({'kind': kind, 'c': c} if kind else none) }}
{% endmacro %}


{% macro _refuse_condition(tier, condition) %}
    {{ exceptions.raise_compiler_error(
        "tier_lifecycle: the intervals do not know how to date \"" ~ condition ~ "\" of the rung "
        ~ tier ~ ". They know days_since_consumption against a threshold or null, "
        ~ "consumption_days[window] >= or > a threshold, and consumption_days_lifetime against a "
        ~ "threshold, all of which must hold. Teach macros/history/lifecycle.sql the new kind."
    ) }}
{% endmacro %}


{# How many days a `count` condition asks for, as SQL. #}
{% macro least_count(c, value) -%}
    {{ 'cast(ceil(' ~ value ~ ') as integer)' if c.comparison == '>=' else 'cast(floor(' ~ value ~ ') as integer) + 1' }}
{%- endmacro %}


{#
    How many days any `count` asks for at most under the active rule set: so many last days a
    span holds (`day_1`, `day_2` …). A look into the thresholds as built.
#}
{% macro most_days_counted() %}
    {% set most = [1] %}
    {% set periods = ref('threshold_periods') %}
    {% if execute and load_relation(periods) %}
        {% for c in lifecycle_arithmetic().least_counts %}
            {% set found = run_sql(
                'select max(' ~ least_count(c, 'value') ~ ') from ' ~ periods
                ~ " where threshold = '" ~ c.target ~ "' and ruleset = '" ~ var('ruleset') ~ "'"
            ) %}
            {% do most.append(found[0][0] | int) %}
        {% endfor %}
    {% endif %}
    {{ return(most | max) }}
{% endmacro %}


{# Whole numbers of the thresholds, as `policy` holds them: column names and SQL. A limit that
   is not set is one that no day keeps. #}
{% macro lifecycle_numbers(ladder) %}
    {% set columns = {} %}
    {% for rung in ladder.rungs %}
        {% for term in rung.terms if term.c.kind == 'threshold' %}
            {% set c = term.c %}
            {% set value = "max(case when threshold = '" ~ c.target ~ "' then value end)" %}
            {% if term.kind in ('to_age', 'from_age') %}
                {% do columns.update({
                    _age(c): 'coalesce(cast(' ~ ('floor(' ~ value ~ ')' if c.comparison in ('<=', '>')
                        else 'ceil(' ~ value ~ ') - 1') ~ ' as integer), -100000)'
                }) %}
            {% elif term.kind == 'count' %}
                {% do columns.update({
                    c.target: least_count(c, value),
                    c.window: "cast(max(case when threshold = '" ~ c.window ~ "' then value end) as integer)",
                }) %}
            {% else %}
                {% do columns.update({c.target: value}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{% macro _age(c) %}
    {{ return(c.target ~ ('_last_age' if c.comparison in ('<=', '>') else '_age_before')) }}
{% endmacro %}


{#
    The last day on which a condition holds, over `spans` and `policy`: one before all days if
    on none. Of `from_age` the day before the first.
#}
{% macro holds_until(term, most_days) -%}
    {%- set c, ever, never = term.c, "cast('9999-01-01' as date)", "cast('0001-01-01' as date)" -%}
    {%- if term.kind == 'to_age' -%} {{ days_after('spans.day_1', 'policy.' ~ _age(c)) }}
    {%- elif term.kind == 'from_age' -%}
        case when spans.days_so_far > 0 then {{ days_after('spans.day_1', 'policy.' ~ _age(c)) }} else {{ ever }} end
    {%- elif term.kind == 'count' -%}
        case
            when policy.{{ c.target }} <= 0 then {{ ever }}
            when policy.{{ c.window }} = 0 then
                case when spans.days_so_far >= policy.{{ c.target }} then {{ ever }} else {{ never }} end
            {%- for number in range(1, most_days + 1) %}
            when policy.{{ c.target }} = {{ number }}
                then {{ days_after('spans.day_' ~ number, 'policy.' ~ c.window) }}
            {%- endfor %}
            else {{ never }}
        end
    {%- else -%}
        case when spans.days_so_far {{ {'never': '= 0', 'ever': '> 0'}.get(
            term.kind, c.comparison ~ ' policy.' ~ c.target
        ) }} then {{ ever }} else {{ never }} end
    {%- endif -%}
{%- endmacro %}
