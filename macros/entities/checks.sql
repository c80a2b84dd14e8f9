{#
    What an entity asks of its rows. Each macro gives one check: the rule that a bad row
    breaks, its column, and the SQL that is true for a bad row. A `limit` is a row of
    seeds/policy/input_limits.csv, at hand as `limits.<name>`; rules and their words come from
    rejection_rules.csv.
#}

{# The column must have a value. #}
{% macro present(column) %}
    {{ return([dict(
        _check('missing_value', column, 'staged.' ~ column ~ ' is null'), is_required=true
    )]) }}
{% endmacro %}


{# The column may be blank; a value in it that cannot be read is no blank, and costs the row. #}
{% macro readable(column) %}
    {{ return([dict(_check('unparsable_value', column, none), is_required=true)]) }}
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
            year_of('staged.' ~ column) ~ ' < limits.earliest_year', limit='earliest_year'
        ),
        _check(
            'future_date', column,
            'staged.' ~ column ~ ' >= cast(staged.loaded_at as date) and '
                ~ 'staged.' ~ column ~ ' > ' ~ business_day('staged.loaded_at')
                ~ ' and not (' ~ unless ~ ')'
        ),
    ]) }}
{% endmacro %}


{# Not negative (`unless` some SQL is true), and below the named limit. #}
{% macro plausible_amount(column, limit, unless=none) %}
    {%- set negative = 'staged.' ~ column ~ ' < 0' %}
    {%- set excused = ' and not coalesce(' ~ unless ~ ', false)' if unless else '' %}
    {{ return([
        _check('negative_value', column, '(' ~ negative ~ excused ~ ')'),
        _check('absurd_value', column, 'staged.' ~ column ~ ' > limits.' ~ limit, limit),
    ]) }}
{% endmacro %}


{# Below the named limit, and above the same below zero: a line that lowers its order. #}
{% macro plausible_change(column, limit) %}
    {{ return([_check('absurd_value', column, 'abs(staged.' ~ column ~ ') > limits.' ~ limit, limit)]) }}
{% endmacro %}


{# A score or share between zero and the named limit. #}
{% macro within(column, limit) %}
    {{ return([_check(
        'out_of_range_value', column,
        'staged.' ~ column ~ ' < 0 or staged.' ~ column ~ ' > limits.' ~ limit, limit
    )]) }}
{% endmacro %}


{# One of the contract's codes (blank is a matter for `present`). #}
{% macro one_of(entity, column) %}
    {{ return([_check(
        'not_allowed_value', column,
        "staged." ~ column ~ " not in ('" ~ codes_of(entity).get(column, []) | join("', '") ~ "')"
    )]) }}
{% endmacro %}


{# {column: its codes} of an entity's contract; empty while dbt is still parsing. #}
{% macro codes_of(entity) %}
    {% set codes = {} %}
    {% for column in (node_of(entity).columns.values() if execute else []) if column.meta.get('codes') %}
        {% do codes.update({column.name: column.meta.codes}) %}
    {% endfor %}
    {{ return(codes) }}
{% endmacro %}


{# What to do by the rule in `rules`; where a word is no code, with the codes and the line to write. #}
{% macro way_out(entity, column) -%}
    case
        when rules.rule <> 'not_allowed_value' then rules.what_to_do
        {%- for feed in var('feeds') %}{% for name, codes in codes_of(feed).items() %}
        when {{ entity }} = '{{ feed }}' and {{ column }} = '{{ name }}' then
            'Known: {{ codes | join(", ") }}. Deliver one of them, or map the word in the staging model: '
            || '''{{ name }}'': "code of case raw.{{ name }} when ''WORD'' then ''{{ codes[0] }}'' end"'
        {%- endfor %}{% endfor %}
    end
{%- endmacro %}


{# `earlier` must not lie after `later`. #}
{% macro in_sequence(earlier, later, column) %}
    {{ return([_check('impossible_sequence', column, earlier ~ ' > ' ~ later)]) }}
{% endmacro %}


{# Two ids that must differ: nobody refers themselves. #}
{% macro distinct_from(column, other) %}
    {{ return([_check('self_reference', column, 'staged.' ~ column ~ ' = staged.' ~ other)]) }}
{% endmacro %}


{#
    The value must be the key of an accepted row of `entity`, in the same source. Checks after
    this one are made when references are resolved, not of the row alone.

    Args:
        surrogate: the column in which this row keeps the other's surrogate key.
        carried: {column of the other row: its name here}, for later checks.
        is_required: false where an unknown value is no fault.
#}
{% macro known(column, entity, key=none, surrogate=none, carried={}, is_required=true) %}
    {% set key_of = {'customers': 'record_sk', 'orders': 'order_sk', 'products': 'product_sk'} %}
    {% set surrogate = surrogate or key_of[entity] %}
    {% set unknown = 'staged.' ~ column ~ ' is not null and staged.' ~ surrogate ~ ' is null' %}
    {{ return([dict(
        _check('unknown_reference', column, unknown if is_required else none),
        reference={
            'column': column, 'entity': entity, 'key': key or column, 'carried': carried,
            'surrogate': surrogate, 'found': key_of[entity],
            'relation': (known_customers() if entity == 'customers' else ref(entity ~ '_checked')),
            'is_required': is_required,
        }
    )]) }}
{% endmacro %}


{# Who may be referred to as a customer: records, and ids that links join to one. #}
{% macro known_customers() -%}
    (
        {%- for model in ['customers_checked', 'customer_aliases'] %}
        select source, customer_id, key_hash, record_sk, fault, settled_at
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{# No more than what was paid for the order, all its rows together (macro cap_at_paid). #}
{% macro at_most_paid(column) %}
    {{ return([dict(_check('exceeds_paid', column, none), paid=ref('order_items_checked'))]) }}
{% endmacro %}


{# The limit's value, as a scalar subquery. #}
{% macro input_limit(name) -%}
    (select value from {{ ref('input_limits') }} where name = '{{ name }}')
{%- endmacro %}


{% macro _check(rule, column, sql, limit=none) %}
    {{ return({'rule': rule, 'column': column, 'sql': sql, 'limit': limit, 'is_required': false}) }}
{% endmacro %}
