{# The mean length of a month in days: a unit, not a policy. #}
{% macro days_per_month() -%}
    ({{ days_per_year() }} / 12)
{%- endmacro %}


{#
    Which month before (−1, −2 …) or after (1, 2 …) a day another day lies in; 0 is the day
    itself. Months are twelfths of a year, so that 365 days are twelve of them.

    Args:
        origin: SQL for the day from which is counted.
        day: SQL for the other day.
#}
{% macro month_offset(origin, day) -%}
    {%- set days = days_between(origin, day) -%}
    cast(sign({{ days }}) * ceil(abs({{ days }}) / {{ days_per_month() }}) as integer)
{%- endmacro %}


{# Whether so many months have passed from a day to another. #}
{% macro months_are_over(months, origin, day) -%}
    {{ days_between(origin, day) }} >= floor({{ months }} * {{ days_per_month() }})
{%- endmacro %}


{#
    The two-sided quantile of Student's t, from that of the normal distribution (the
    expansion of Fisher and Cornish): within 0.01 from five degrees of freedom on.

    Args:
        z: SQL for the quantile of the normal distribution.
        df: SQL for the degrees of freedom.
#}
{% macro t_quantile(z, df) -%}
    (
        {{ z }}
        + (power({{ z }}, 3) + {{ z }}) / (4.0 * {{ df }})
        + (5 * power({{ z }}, 5) + 16 * power({{ z }}, 3) + 3 * {{ z }})
        / (96.0 * power({{ df }}, 2))
        + (
            3 * power({{ z }}, 7) + 19 * power({{ z }}, 5)
            + 17 * power({{ z }}, 3) - 15 * {{ z }}
        ) / (384.0 * power({{ df }}, 3))
    )
{%- endmacro %}
