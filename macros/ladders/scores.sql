{#
    Scores 1 to 5: 1 plus the number of cut points `<dimension>_1` … `_4` that the value
    passes. Equal values always get equal scores.

    Args:
        value: the column to score; never null.
        dimension: prefix of the cut points' columns.
        passes: comparison by which the value passes a cut point.
#}
{% macro score(value, dimension, passes) -%}
    1
        {%- for cut in range(1, 5) %}
        + cast({{ value }} {{ passes }} {{ dimension }}_{{ cut }} as integer)
        {%- endfor %}
{%- endmacro %}


{# The policy's four floors or ceilings of a score: `<name>_2_<unit>` … `<name>_5_<unit>`. #}
{% macro score_thresholds(name, unit) %}
    {% set names = [] %}
    {% for score in range(2, 6) %}{% do names.append(name ~ '_' ~ score ~ '_' ~ unit) %}{% endfor %}
    {{ return(names) }}
{% endmacro %}


{# Scores 1 to 5 by the policy's floors: 1 plus the number of floors reached. Needs `policy`. #}
{% macro floor_score(value, name, unit) -%}
    {{ _policy_score(value, '>=', name, unit) }}
{%- endmacro %}


{# The same where less is better: 1 plus the number of ceilings not exceeded. #}
{% macro ceiling_score(value, name, unit) -%}
    {{ _policy_score(value, '<=', name, unit) }}
{%- endmacro %}


{% macro _policy_score(value, passes, name, unit) -%}
    1
    {%- for threshold in score_thresholds(name, unit) %}
        + cast({{ value }} {{ passes }} policy.{{ threshold }} as integer)
    {%- endfor %}
{%- endmacro %}


{#
    A part of a whole in four decimals, as thresholds have them; cut off, never rounded up:
    0.94999 is below 0.95. With more decimals its reason would speak of another number.
#}
{% macro share_cut_off(part, whole, type='decimal(9, 4)') -%}
    {%- set rounded = exact_ratio(part, whole, 4) -%}
    cast(
        case when {{ rounded }} * cast({{ whole }} as decimal(20, 2)) > {{ part }}
            then {{ rounded }} - 0.0001
            else {{ rounded }}
        end as {{ type }}
    )
{%- endmacro %}


{#
    The gross profit that places a customer in the pyramid: that of the policy's window; null
    for those who neither bought nor moved money in it.
#}
{% macro pyramid_profit() -%}
    case
        when
            {{ in_window('purchases', 'pyramid_window') }} > 0
            or {{ in_window('gross_profit', 'pyramid_window') }} != 0
            then {{ in_window('gross_profit', 'pyramid_window') }}
    end
{%- endmacro %}


{#
    The column of `measures` for the window that a threshold of `policy` names. Other
    relations may stand in the places of both.
#}
{% macro in_window(name, threshold, measures='measures', policy='policy') -%}
    {{- config(meta={'windows_' ~ threshold: [threshold]}) -}}
    {{ measure_sql({'measure': name, 'window': threshold}, measures, policy) }}
{%- endmacro %}


{# The value of a variable, which must be one of `values`. #}
{% macro one_of_values(name, values) %}
    {% if var(name) not in values %}
        {{ exceptions.raise_compiler_error(
            "The variable " ~ name ~ " is '" ~ var(name) ~ "'. It can be: " ~ values | join(', ') ~ "."
        ) }}
    {% endif %}
    {{ return(var(name)) }}
{% endmacro %}


{# The values that one to four fifths of all do not exceed, as columns `<name>_1` to `<name>_4`. #}
{% macro fifths(column, name) -%}
    {%- for place in range(1, 5) %}
    {{ element_of(quintiles(column), place) }} as {{ name }}_{{ place }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
