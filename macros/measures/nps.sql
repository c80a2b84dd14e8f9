{# The top of the scale on which customers answer: a unit, not a policy. #}
{% macro nps_scale() -%}
    10
{%- endmacro %}


{#
    One end of the interval of a net promoter score, in points: an adjusted Wald interval.
    Three answers are added, 3/4 a promoter, 3/4 a detractor, the rest passive, so that few or
    unanimous answers do not look certain. With n' = n + 3, p' and d' the shares then:
    p' − d' ± z · sqrt((p' + d' − (p' − d')²) / n'), times 100, within −100 and 100.

    Args:
        sign: '-' for the lower end, '+' for the upper.
        promoters, detractors, answers: SQL for the counts.
        z: SQL for the two-sided quantile of the normal distribution.
#}
{% macro nps_bound(sign, promoters, detractors, answers, z) -%}
    {%- set p = '((' ~ promoters ~ ' + 0.75) / (' ~ answers ~ ' + 3.0))' -%}
    {%- set d = '((' ~ detractors ~ ' + 0.75) / (' ~ answers ~ ' + 3.0))' -%}
    cast(
        greatest(-100, least(100, 100 * (
            {{ p }} - {{ d }}
            {{ sign }} {{ z }} * sqrt(
                ({{ p }} + {{ d }} - power({{ p }} - {{ d }}, 2)) / ({{ answers }} + 3.0)
            )
        ))) as decimal(9, 2)
    )
{%- endmacro %}
