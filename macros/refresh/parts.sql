{#
    Creates a table from a query of this model. With meta.in_parts it is computed for one part
    of the customers after the other (var customers_per_part), each an even share of their keys:
    what the joins and windows of a large model hold, or spill, does not grow with the chain.
    Its rows have a customer_key, and follow from her own rows, as in a refresh by customer.
#}
{% macro create_table_of(relation, sql) %}
    {% set parts = parts_of_customers() if model.config.meta.get('in_parts') else [] %}
    {% if parts | length < 2 %}{{ return(create_table_as(False, relation, sql)) }}{% endif %}
    {% set statements = [] %}
    {% for part in parts %}
        {% set rows = 'select * from (' ~ over_customers(sql, model, rows_in_part, part) ~ ') where ' ~ part %}
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


{# The condition that is true for a part's rows; none if nothing tells them. #}
{% macro rows_in_part(columns, part) %}
    {{ return(part if 'customer_key' in columns else none) }}
{% endmacro %}
