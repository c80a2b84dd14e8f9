{#
    The look-back windows that the measures hold: the days of var measure_windows, and the
    lifetime. A measure that no rule asks for in a window holds the year and the lifetime only.
#}
{% macro windows_of(measure) %}
    {% if measure in ['departments'] %}
        {{ return([365, 'lifetime']) }}
    {% endif %}
    {{ return(var('measure_windows') + ['lifetime']) }}
{% endmacro %}


{# The columns of a measure, `<measure>_<window>`, as names. #}
{% macro held_names(measure) %}
    {% set names = [] %}
    {% for window in windows_of(measure) %}{% do names.append(measure ~ '_' ~ window) %}{% endfor %}
    {{ return(names) }}
{% endmacro %}


{# The same with the days of their windows; a lifetime is longer than any. #}
{% macro held_windows(measure) %}
    {% set pairs = [] %}
    {% for window in windows_of(measure) %}
        {% do pairs.append([measure ~ '_' ~ window, 1000000 if window == 'lifetime' else window]) %}
    {% endfor %}
    {{ return(pairs) }}
{% endmacro %}


{#
    Stops the build where a rule asks for a window of a measure that does not hold them all:
    which of them a threshold names is known only to the policy.
#}
{% macro require_windows(measure) -%}
    {%- for days in var('measure_windows') if days not in windows_of(measure) -%}
        {{ exceptions.raise_compiler_error(
            "A rule asks for " ~ measure ~ "[…], but this measure holds "
            ~ windows_of(measure) | join(', ') ~ " only. Take it out of the list in windows_of"
            ~ " (macros/measures/windows.sql)."
        ) }}
    {%- endfor -%}
{%- endmacro %}


{#
    An aggregate over each window, as columns `<name>_<days>` and `<name>_lifetime`.

    Args:
        aggregate: SQL such as 'count(*)' or 'sum(amount)'.
        name: the measure.
        days_ago: SQL for the age of the fact in days on the as-of date.
        where: a further condition on the facts.
        type: the columns' type.
#}
{% macro windowed(aggregate, name, days_ago='days_ago', where=none, type='integer') -%}
    {%- for window in windows_of(name) %}
    {%- set asks = [] %}
    {%- if window != 'lifetime' %}{% do asks.append(days_ago ~ ' <= ' ~ window) %}{% endif %}
    {%- if where %}{% do asks.append(where) %}{% endif %}
    cast(
        {{ aggregate }}{{ ' filter (where ' ~ asks | join(' and ') ~ ')' if asks }} as {{ type }}
    ) as {{ name }}_{{ window }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#
    The columns of `windowed`, zero where a customer has no such fact; with `fed`, SQL that is
    true where the feed is there, null without it.
#}
{% macro windowed_columns(relation, name, fed=none) -%}
    {%- for column in held_names(name) %}
    {%- if fed %}
    case when {{ fed }} then coalesce({{ relation }}.{{ column }}, 0) end
    {%- else %}
    coalesce({{ relation }}.{{ column }}, 0)
    {%- endif %} as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The value of the latest row that has one; of several that day the last by source and id. #}
{% macro latest(value, day, source, id) -%}
    {{ value_at_max(value, [day, source, id]) }} filter (where {{ value }} is not null)
{%- endmacro %}


{# The length of a year in days, leap years averaged: a unit, not a policy. #}
{% macro days_per_year() -%}
    365.25
{%- endmacro %}
