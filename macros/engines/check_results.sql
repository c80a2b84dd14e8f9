{# on-run-start: the table of check results, which a mart reads. #}
{% macro prepare_check_results() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'test') %}
        {% do run_sql('create schema if not exists audit') %}
        {% do run_sql(
            'create table if not exists audit.check_results (check_name varchar, '
            ~ 'subject varchar, column_name varchar, rule varchar, severity varchar, '
            ~ 'status varchar, failures bigint)'
        ) %}
    {% endif %}
{%- endmacro %}


{# on-run-start: the table of the last `strata backtest`, empty until there is one. #}
{% macro prepare_clv_backtest() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'test') %}
        {% do run_sql('create schema if not exists audit') %}
        {% do run_sql(clv_backtest_table()) %}
    {% endif %}
{%- endmacro %}


{#
    on-run-end: the result of each test of this invocation replaces its last one; results of
    tests that the project no longer has go.
#}
{% macro record_check_results(results) -%}
    {% set rows, names, known = [], [], ["''"] %}
    {% for result in results if result.node.resource_type == 'test' %}
        {% set node = result.node %}
        {% set subject = (node.attached_node or (node.refs | map(attribute='name') | join(' '))).split('.')[-1] %}
        {% set columns = (node.test_metadata.kwargs.columns or []) if node.test_metadata else [] %}
        {% do names.append("'" ~ node.name ~ "'") %}
        {% do rows.append(
            "('" ~ node.name ~ "', '" ~ subject ~ "', '" ~ (node.column_name or columns | join(', ')) ~ "', '"
            ~ (node.test_metadata.name if node.test_metadata else node.name) ~ "', '"
            ~ node.config.severity | lower ~ "', '" ~ result.status ~ "', " ~ (result.failures or 0) ~ ")"
        ) %}
    {% endfor %}
    {% for test in graph.get('nodes', {}).values() if test.resource_type == 'test' %}
        {% do known.append("'" ~ test.name ~ "'") %}
    {% endfor %}
    {% if rows %}
        {% do run_sql(
            'delete from audit.check_results where check_name in (' ~ names | join(', ')
            ~ ') or check_name not in (' ~ known | join(', ') ~ ')'
        ) %}
        {% do run_sql('insert into audit.check_results values ' ~ rows | join(', ')) %}
    {% endif %}
{%- endmacro %}
