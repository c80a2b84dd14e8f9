{#
    on-run-start: the tables that others write and models read. What was published and what a
    backtest found is kept by Strata's commands; how far the last finished run came, too. A tier
    model that is new gets its column. What plain dbt builds is of whatever day, rule set or
    sources it was given: the next `strata run` goes on from nothing of it.
#}
{% macro prepare_records() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'seed') %}
        {% for name in ['landing', 'refresh', 'audit', 'history'] -%}{% do run_sql('create schema if not exists ' ~ name) %}{% endfor %}
        {% for table, columns in {
            'landing.installation': 'salt varchar not null, secret varchar not null',
            'landing.withdrawn_files': 'file_id integer not null, withdrawn_at timestamp not null',
            'refresh.finished_build': 'fingerprint varchar, started_at timestamp, '
                ~ 'as_of_dates varchar, last_file_id integer, landed varchar, '
                ~ 'asked_day varchar, withdrawn_files bigint',
            'audit.check_results': 'check_name varchar, subject varchar, column_name varchar, '
                ~ 'rule varchar, severity varchar, status varchar, failures bigint',
            'history.publications': 'publication_number integer, run_id varchar, '
                ~ 'published_at timestamp, as_of_date date, ruleset varchar, sources varchar, '
                ~ 'git_revision varchar, loaded_through timestamp',
            'history.published_thresholds': 'publication_number integer, scope_id varchar, '
                ~ 'threshold varchar, value decimal(18, 4)',
            'history.published_tiers': 'publication_number integer, customer_key uuid, '
                ~ 'is_known boolean, source_records integer',
        }.items() %}
            {% do run_sql('create table if not exists ' ~ table ~ ' (' ~ columns ~ ')') %}
        {% endfor %}
        {% do run_sql(clv_backtest_table()) %}
        {% if flags.WHICH != 'test' and not env_var('STRATA_RUNS', '') %}{% do run_sql('delete from refresh.finished_build') %}{% endif %}
        {# Here: a transaction that deleted from a table cannot add a column to it. #}
        {% for name in var('tier_models') %}{% for table in ['published_tiers', 'customer_snapshots'] %}
            {% do run_sql('alter table if exists history.' ~ table ~ ' add column if not exists ' ~ name ~ '_tier varchar') %}
        {% endfor %}{% endfor %}
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


{# The moment that stands for this run in what keeps it: settled_at, matched_at. #}
{% macro run_moment() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
{%- endmacro %}
