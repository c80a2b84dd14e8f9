{#
    Words that engines spell differently. A model says days_between(a, b); how an engine says
    it stands here and nowhere else.
#}

{# Whole days from one day to another. #}
{% macro days_between(from_day, to_day) -%}
    {{ return(adapter.dispatch('days_between', 'strata')(from_day, to_day)) }}
{%- endmacro %}

{% macro default__days_between(from_day, to_day) -%}
    datediff({{ to_day }}, {{ from_day }})
{%- endmacro %}

{% macro duckdb__days_between(from_day, to_day) -%}
    date_diff('day', {{ from_day }}, {{ to_day }})
{%- endmacro %}


{# The day so many whole days after another. #}
{% macro days_after(day, days) -%}
    {{ return(adapter.dispatch('days_after', 'strata')(day, days)) }}
{%- endmacro %}

{% macro default__days_after(day, days) -%}
    date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{% macro duckdb__days_after(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}


{# The first day of the month, or quarter, in which a day lies. #}
{% macro month_start(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}

{% macro quarter_start(day) -%}
    cast({{ dbt.date_trunc('quarter', day) }} as date)
{%- endmacro %}


{# The year of a day as a number. #}
{% macro year_of(day) -%}
    extract(year from {{ day }})
{%- endmacro %}


{# Whether a day is the last of its month. #}
{% macro is_month_end(day) -%}
    ({{ day }} = {{ dbt.last_day(day, 'month') }})
{%- endmacro %}


{#
    The value in the row that comes last (first) by these expressions. A later expression
    decides between rows that agree in the earlier ones. Rows without a value can be left out
    by a `filter` behind it.
#}
{% macro value_at_max(value, by) -%}
    {{ return(adapter.dispatch('value_at_max', 'strata')(value, by)) }}
{%- endmacro %}

{% macro default__value_at_max(value, by) -%}
    max_by({{ value }}, {{ _one_key(by, 'struct') }})
{%- endmacro %}

{% macro duckdb__value_at_max(value, by) -%}
    arg_max({{ value }}, {{ _one_key(by, '') }})
{%- endmacro %}

{% macro value_at_min(value, by) -%}
    {{ return(adapter.dispatch('value_at_min', 'strata')(value, by)) }}
{%- endmacro %}

{% macro default__value_at_min(value, by) -%}
    min_by({{ value }}, {{ _one_key(by, 'struct') }})
{%- endmacro %}

{% macro duckdb__value_at_min(value, by) -%}
    arg_min({{ value }}, {{ _one_key(by, '') }})
{%- endmacro %}

{% macro _one_key(by, maker) -%}
    {%- if by | length == 1 -%}{{ by[0] }}{%- else -%}{{ maker }}({{ by | join(', ') }}){%- endif -%}
{%- endmacro %}


{# The median of a number; the mean of the middle two where they are even in number. #}
{% macro median_of(number) -%}
    percentile_cont(0.5) within group (order by {{ number }})
{%- endmacro %}


{# One number for several values: equal values give equal numbers, others seldom do. #}
{% macro hash_of(columns) -%}
    {{ return(adapter.dispatch('hash_of', 'strata')(columns)) }}
{%- endmacro %}

{% macro default__hash_of(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}

{% macro duckdb__hash_of(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}


{# A value as another type; null where it does not convert. #}
{% macro try_to(value, type) -%}
    try_cast({{ value }} as {{ type }})
{%- endmacro %}


{#
    One decimal divided by another, exact and half up, never through a float: 9,713.30 / 4 is
    2,428.33. Null where the denominator is 0 or null.

    Args:
        numerator, denominator: decimals with at most four digits after the point, or integers.
        scale: digits after the point of the result, at most six.
#}
{% macro exact_ratio(numerator, denominator, scale) -%}
    {{ return(adapter.dispatch('exact_ratio', 'strata')(numerator, denominator, scale)) }}
{%- endmacro %}

{% macro default__exact_ratio(numerator, denominator, scale) -%}
    cast(
        cast({{ numerator }} as decimal(24, 4)) / nullif(cast({{ denominator }} as decimal(18, 4)), 0)
        as decimal(18, {{ scale }})
    )
{%- endmacro %}

{#
    DuckDB divides decimals as doubles. That is right, and fast, but where the result lies next
    to the middle between two steps; there whole numbers decide: twice the steps, one more,
    halved and cut off.
#}
{% macro duckdb__exact_ratio(numerator, denominator, scale) -%}
    {%- set steps = '(cast(' ~ numerator ~ ' as double) / nullif(cast(' ~ denominator ~ ' as double), 0) * 1e' ~ scale ~ ')' -%}
    {%- set n = 'cast(cast(' ~ numerator ~ ' as decimal(28, 4)) * 10000 as hugeint)' -%}
    {%- set d = 'nullif(cast(cast(' ~ denominator ~ ' as decimal(28, 4)) * 10000 as hugeint), 0)' -%}
    case
        when abs({{ steps }}) < 1e12 and abs(abs({{ steps }} - trunc({{ steps }})) - 0.5) > 0.001
            then cast(round({{ steps }}) / 1e{{ scale }} as decimal(18, {{ scale }}))
        else cast(
            cast(
                sign({{ n }}) * sign({{ d }})
                * ((abs({{ n }}) * {{ 2 * 10 ** scale }} + abs({{ d }})) // (2 * abs({{ d }})))
                as decimal(28, 0)
            ) * cast({{ '%.*f' % (scale, 10 ** -scale) }} as decimal(18, {{ scale }}))
            as decimal(18, {{ scale }})
        )
    end
{%- endmacro %}
