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
    Scores 1 to 5 as one number from 0 (all 1) to 100 (all 5), by the policy's weights
    `<prefix>_<dimension>_weight`, which sum to 100 (tests/singular/weights_sum_to_100.sql).
#}
{% macro weighted_score(dimensions, prefix) -%}
    cast((
    {%- for dimension in dimensions %}
        {{ '+ ' if not loop.first }}policy.{{ prefix }}_{{ dimension }}_weight * ({{ dimension }}_score - 1)
    {%- endfor %}
    ) / (5 - 1) as decimal(9, 2))
{%- endmacro %}


{#
    A part of a whole in four decimals, as thresholds have them; cut off, never rounded up:
    0.94999 is below 0.95. With more decimals its reason would speak of another number. Both
    are made whole (fen) before they are divided: a quotient of whole numbers is exact where
    it is whole itself, that of 51.32 and 64.15 would be a hair below 0.8.
#}
{% macro share_cut_off(part, whole) -%}
    cast(
        floor({{ part }} * 1000000.0 / ({{ whole }} * 100)) / 10000
        as decimal(9, 4)
    )
{%- endmacro %}


{#
    The cut above which a score is high (var rfm_high_cut), over all who have a score. A mean
    has one decimal: that of frequency or amount by fifths of the population is 3, or a hair
    less where the number of buyers is not divisible by five, and may not make a 3 high.
#}
{% macro high_cut(score) -%}
    {%- set method = one_of_values('rfm_high_cut', ['mean', 'median', 'fixed']) -%}
    {%- if method == 'mean' -%}
    cast(round(sum({{ score }}) * 10.0 / count({{ score }})) / 10 as decimal(9, 4))
    {%- elif method == 'median' -%}
    cast(median({{ score }}) as decimal(9, 4))
    {%- else -%}
    max(policy.rfm_fixed_high_above_score)
    {%- endif -%}
{%- endmacro %}


{#
    The cuts of some scores as columns `<dimension>_cut`: one row per as-of date and rule set.

    Args:
        scores: the model that holds the columns `<dimension>_score`.
        dimensions: the scores to cut.
#}
{% macro high_cuts(scores, dimensions) -%}
    {{- config(meta={'recompute': 'everything'}) -}}
with policy as (
    {{ policy_row(['rfm_fixed_high_above_score']) }}
)

select
    scores.as_of_date,
    scores.ruleset,
    {%- for dimension in dimensions %}
    {{ high_cut(dimension ~ '_score') }} as {{ dimension }}_cut{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref(scores) }} as scores
inner join policy
    on scores.as_of_date = policy.as_of_date
    and scores.ruleset = policy.ruleset
    and policy.scope_id = {{ chain_scope() }}
group by scores.as_of_date, scores.ruleset
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


{# The quintiles of a measure as columns `<name>_1` to `<name>_4`. #}
{% macro numbered_cuts(name) -%}
    {%- for place in range(1, 5) %}
    {{ place_in(name, place) }} as {{ name }}_{{ place }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
