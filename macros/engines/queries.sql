{#
    Runs SQL while dbt executes, in the transaction there is (it begins none); gives its rows
    as tuples. It is run_query of dbt without agate's table of the rows, which takes longer to
    make than most of what a refresh asks takes to answer, and it asks hundreds of times.
#}
{% macro run_sql(sql) %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set connection, cursor = adapter.add_query(sql, auto_begin=False) %}
    {{ return(cursor.fetchall()) }}
{% endmacro %}


{# Whether the build has a table of this name. #}
{% macro is_there(schema, table) %}
    {{ return(run_sql(
        "select 1 from information_schema.tables where table_schema = '" ~ schema
        ~ "' and table_name = '" ~ table ~ "'"
    ) | length > 0) }}
{% endmacro %}


{# The columns of a relation that is there, in order, each with `name` and `dtype`. #}
{% macro columns_with_types(relation) %}
    {% set columns = [] %}
    {% for name, dtype in run_sql('select column_name, column_type from (describe ' ~ relation ~ ')') %}
        {% do columns.append({'name': name, 'dtype': dtype}) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{% macro column_names(relation) %}
    {{ return(columns_with_types(relation) | map(attribute='name') | list) }}
{% endmacro %}


{# The decimals that a column of a relation can hold; of a floating number 17. #}
{% macro decimals_of(column) %}
    {% if modules.re.match('(?i)double|float|real', column.dtype) %}{{ return(17) }}{% endif %}
    {% set scale = modules.re.search(',\\s*(\\d+)\\)$', column.dtype) %}
    {{ return(scale.group(1) | int if scale else 0) }}
{% endmacro %}
