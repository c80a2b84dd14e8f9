{#
    Creates a table from a query of this model. With meta.in_parts it is computed for one part
    of the customers after the other (var customers_per_part), each an even share of their keys:
    what the joins and windows of a large model hold, or spill, does not grow with the chain.
    Its rows have a customer_key, and follow from her own rows, as in a refresh by customer (and
    from the rows of those whom she was merged with: meta.reads_merges).

    With meta.stored_by the rows lie in the order of these columns, each part's by themselves.
#}
{% macro create_table_of(relation, sql) %}
    {% set parts = parts_of_customers() if model.config.meta.get('in_parts') else [] %}
    {% set columns = model.config.meta.get('stored_by') %}
    {% set order = ' order by ' ~ columns | join(', ') if columns else '' %}
    {% if parts | length < 2 %}
        {{ return(create_table_as(False, relation, 'select * from (' ~ sql ~ ')' ~ order if order else sql)) }}
    {% endif %}
    {% set statements = [] %}
    {% for part in parts %}
        {% set rows = 'select * from (' ~ over_customers(sql, model, rows_in_part, part) ~ ') where '
            ~ part ~ order %}
        {% do statements.append(
            create_table_as(False, relation, rows) if loop.first
            else 'insert into ' ~ relation ~ ' by name ' ~ rows ~ ';'
        ) %}
    {% endfor %}
    {{ return(statements | join('\n')) }}
{% endmacro %}


{# The parts: what is true of the keys of each. Customers are counted by their records. #}
{% macro parts_of_customers() %}
    {% if not var('customers_per_part') %}{{ return([]) }}{% endif %}
    {% set records = count_of(relation_of(node_of('customer_bridge'))) %}
    {% set count = (records / var('customers_per_part')) | round(0, 'ceil') | int %}
    {{ return(shares_of_keys('customer_key', count)) }}
{% endmacro %}


{# Whether so many customers are to be computed again that parts are of use. #}
{% macro is_more_than_a_part(touched) %}
    {{ return(
        model.config.meta.get('in_parts') and var('customers_per_part')
        and count_of(touched) > var('customers_per_part')
    ) }}
{% endmacro %}


{#
    The condition that is true for the rows that a part is computed from; none if nothing tells
    them. A model with meta.reads_merges reads as well the customers that a customer of the part
    was merged from, and those into whom she was.
#}
{% macro rows_in_part(columns, part) %}
    {% if 'customer_key' not in columns %}
        {{ return(none) }}
    {% elif not model.config.meta.get('reads_merges') %}
        {{ return(part) }}
    {% endif %}
    {% set merged = ' from ' ~ relation_of(node_of('customer_bridge')) ~ ' where customer_key != record_key and ' %}
    {{ return(
        '((' ~ part ~ ') or customer_key in (select record_key' ~ merged ~ part
        ~ ' union all select customer_key' ~ merged ~ part | replace('customer_key', 'record_key') ~ '))'
    ) }}
{% endmacro %}
