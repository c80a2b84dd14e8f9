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


{# The cut above which a score is high (var rfm_high_cut), over all who have a score. #}
{% macro high_cut(score) -%}
    {%- set method = one_of_values('rfm_high_cut', ['mean', 'median', 'fixed']) -%}
    {%- if method == 'mean' -%}
    cast(avg({{ score }}) as decimal(9, 4))
    {%- elif method == 'median' -%}
    cast(median({{ score }}) as decimal(9, 4))
    {%- else -%}
    max(policy.rfm_fixed_high_above_score)
    {%- endif -%}
{%- endmacro %}


{# The column of `measures` for the window that a threshold names. #}
{% macro in_window(name, threshold) -%}
    {{- config(meta={'windows': [threshold]}) -}}
    {{ measure_sql({'measure': name, 'window': threshold}) }}
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
