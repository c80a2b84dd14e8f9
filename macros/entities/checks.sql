{#
    What an entity asks of its rows. Each macro gives one check: the rule that a bad row
    breaks, its column, and the SQL that is true for a bad row. A `limit` is a row of
    seeds/policy/input_limits.csv, at hand as `limits.<name>`; rules and their words come from
    rejection_rules.csv.
#}

{# The column must have a value. #}
{% macro present(column) %}
    {{ return([_check('missing_value', column, 'staged.' ~ column ~ ' is null')]) }}
{% endmacro %}


{#
    A day between the earliest plausible one and the day of loading; `unless` is SQL that is
    true where a later day is right (a booking). Only days that are not before the day of
    loading in UTC are held against the business day, which costs a look at the time zone.
#}
{% macro plausible_day(column, unless='false') %}
    {{ return([
        _check(
            'too_early_date', column,
            'year(staged.' ~ column ~ ') < limits.earliest_year', limit='earliest_year'
        ),
        _check(
            'future_date', column,
            'staged.' ~ column ~ ' >= cast(staged.loaded_at as date) and '
                ~ 'staged.' ~ column ~ ' > ' ~ business_day('staged.loaded_at')
                ~ ' and not (' ~ unless ~ ')'
        ),
    ]) }}
{% endmacro %}


{# Not negative, and below the named limit. #}
{% macro plausible_amount(column, limit) %}
    {{ return([
        _check('negative_value', column, 'staged.' ~ column ~ ' < 0'),
        _check('absurd_value', column, 'staged.' ~ column ~ ' > limits.' ~ limit, limit),
    ]) }}
{% endmacro %}


{# A score or share between zero and the named limit. #}
{% macro within(column, limit) %}
    {{ return([_check(
        'out_of_range_value', column,
        'staged.' ~ column ~ ' < 0 or staged.' ~ column ~ ' > limits.' ~ limit, limit
    )]) }}
{% endmacro %}


{# One of the contract's codes (blank is a matter for `present`). #}
{% macro one_of(column, codes) %}
    {{ return([_check(
        'not_allowed_value', column,
        "staged." ~ column ~ " not in ('" ~ codes | join("', '") ~ "')"
    )]) }}
{% endmacro %}


{# The value must be the key of an accepted row of `entity`, in the same source. #}
{% macro known(column, entity, key=none) %}
    {% set alias = 'known_' ~ column %}
    {% set key = key or column %}
    {{ return([dict(
        _check(
            'unknown_reference', column,
            'staged.' ~ column ~ ' is not null and ' ~ alias ~ '.' ~ key ~ ' is null'
        ),
        reference={'column': column, 'entity': entity, 'key': key},
        join='left join ' ~ ref(entity) ~ ' as ' ~ alias
            ~ '\n        on staged.source = ' ~ alias ~ '.source'
            ~ '\n        and staged.' ~ column ~ ' = ' ~ alias ~ '.' ~ key
    )]) }}
{% endmacro %}


{# `earlier` must not lie after `later` (either may be a column of a `known_…` alias). #}
{% macro in_sequence(earlier, later, column) %}
    {{ return([_check('impossible_sequence', column, earlier ~ ' > ' ~ later)]) }}
{% endmacro %}


{# Two ids that must differ: nobody refers herself. #}
{% macro distinct_from(column, other) %}
    {{ return([_check('self_reference', column, 'staged.' ~ column ~ ' = staged.' ~ other)]) }}
{% endmacro %}


{#
    No more than what was paid for the order (staged.order_id): neither in one row, nor in
    all rows of the order together, up to the row's `day`. The row that goes beyond is
    refused, and so are the later ones.
#}
{% macro at_most_paid(column, day, key) %}
    {% set paid %}left join (
            select
                items.source,
                items.order_id,
                sum(items.net_amount) as net_amount
            from {{ ref('order_items') }} as items
            inner join (select distinct source, order_id from staged) as orders
                on items.source = orders.source and items.order_id = orders.order_id
            group by items.source, items.order_id
        ) as paid
        on staged.source = paid.source
        and staged.order_id = paid.order_id{% endset %}
    {% set so_far %}sum(staged.{{ column }}) over (
            partition by staged.source, staged.order_id
            order by staged.{{ day }} asc, staged.{{ key }} asc
        ){% endset %}
    {% set beyond = ' > coalesce(paid.net_amount, 0)' %}
    {{ return([
        dict(_check('exceeds_paid', column, 'staged.' ~ column ~ beyond), join=paid),
        dict(_check('exceeds_paid', column, so_far ~ beyond), join=paid, over_rows='order_id'),
    ]) }}
{% endmacro %}


{# The limit's value, as a scalar subquery. #}
{% macro input_limit(name) -%}
    (select value from {{ ref('input_limits') }} where name = '{{ name }}')
{%- endmacro %}


{% macro _check(rule, column, sql, limit=none) %}
    {{ return({'rule': rule, 'column': column, 'sql': sql, 'limit': limit}) }}
{% endmacro %}
