{#
    An aggregate over each look-back window in var measure_windows and over the lifetime,
    as columns `<name>_<days>` and `<name>_lifetime`.

    Args:
        aggregate: SQL such as 'count(*)' or 'sum(net_amount)'.
        name: the measure.
        days_ago: SQL for the age of the fact in days on the as-of date.
        where: a further condition on the facts.
#}
{% macro windowed(aggregate, name, days_ago='days_ago', where=none) -%}
    {%- for days in var('measure_windows') %}
    {{ aggregate }} filter (
        where {{ days_ago }} <= {{ days }}{{ ' and ' ~ where if where }}
    ) as {{ name }}_{{ days }},
    {%- endfor %}
    {{ aggregate }}{{ ' filter (where ' ~ where ~ ')' if where }} as {{ name }}_lifetime
{%- endmacro %}


{#
    Sums of dated amounts over the windows: one row per customer with a movement and as-of
    date, columns `<name>_<days>` and `<name>_lifetime`.

    Args:
        movements: the model with customer_key, movement_date and the amount.
        amount: its column.
        name: the measure.
#}
{% macro windowed_movements(movements, amount, name) -%}
with dated as (
    select
        movements.customer_key,
        dates.as_of_date,
        movements.{{ amount }},
        date_diff('day', movements.movement_date, dates.as_of_date) as days_ago
    from {{ ref(movements) }} as movements
    inner join {{ ref('as_of_dates') }} as dates
        on movements.movement_date <= dates.as_of_date
)

select
    customer_key,
    as_of_date,
    {{ windowed('sum(' ~ amount ~ ')', name) }}
from dated
group by customer_key, as_of_date
{%- endmacro %}


{# The columns of `windowed`, zero where a customer has no such fact. #}
{% macro windowed_columns(relation, name, feed=none) -%}
    {%- for suffix in var('measure_windows') + ['lifetime'] %}
    {%- set column = relation ~ '.' ~ name ~ '_' ~ suffix -%}
    {%- if feed %}
    case when {{ is_fed(feed) }} then coalesce({{ column }}, 0) end
    {%- else %}
    coalesce({{ column }}, 0)
    {%- endif %} as {{ name }}_{{ suffix }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The columns of `windowed` added up over finer rows; `where` says which of them count. #}
{% macro windowed_sums(part, name, where=none) -%}
    {%- for suffix in var('measure_windows') + ['lifetime'] %}
    cast(coalesce(
        sum({{ part }}_{{ suffix }}){{ ' filter (where ' ~ where ~ ')' if where }}, 0
    ) as bigint) as {{ name }}_{{ suffix }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# A windowed measure as a share of another, 0 to 1; null where the other is zero. #}
{% macro windowed_shares(relation, part, whole, name) -%}
    {%- for suffix in var('measure_windows') + ['lifetime'] %}
    cast(
        {{ relation }}.{{ part }}_{{ suffix }} * 1.0
        / nullif({{ relation }}.{{ whole }}_{{ suffix }}, 0) as decimal(9, 4)
    ) as {{ name }}_{{ suffix }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The value of the latest row that has one; of several that day the last by source and id. #}
{% macro latest(value, day, id) -%}
    arg_max({{ value }}, ({{ day }}, source, {{ id }})) filter (where {{ value }} is not null)
{%- endmacro %}


{# The length of a year in days, leap years averaged: a unit, not a policy. #}
{% macro days_per_year() -%}
    365.25
{%- endmacro %}
