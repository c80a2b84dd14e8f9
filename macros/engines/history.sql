{#
    on-run-start: the record of what was published, which `strata publish` keeps and the
    history models read. A tier model that is new gets its column.
#}
{% macro prepare_publication_record() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'seed') %}
        {% do run_sql('create schema if not exists history') %}
        {% do adopt_customer_keys() %}
        {% do run_sql(
            'create table if not exists history.publications (publication_number integer, '
            ~ 'run_id varchar, published_at timestamp, as_of_date date, ruleset varchar, '
            ~ 'sources varchar, git_revision varchar, loaded_through timestamp)'
        ) %}
        {% do run_sql(
            'create table if not exists history.published_thresholds (publication_number '
            ~ 'integer, scope_id varchar, threshold varchar, value decimal(18, 4))'
        ) %}
        {% do run_sql(
            'create table if not exists history.published_tiers (publication_number integer, '
            ~ 'customer_key uuid, is_known boolean, source_records integer)'
        ) %}
        {% for name in var('tier_models') %}
            {% do run_sql(
                'alter table history.published_tiers add column if not exists '
                ~ name ~ '_tier varchar'
            ) %}
        {% endfor %}
    {% endif %}
{%- endmacro %}


{#
    Customer keys were the first sixteen digits of the hash that is the key now. History of
    that time gets the new keys of the same records, as long as the bridge is the old one
    (hooks run before it is built); who has no record any more keeps a key of her own.
#}
{% macro adopt_customer_keys() %}
    {% set old_tables = run_sql(
        "select table_schema || '.' || table_name from information_schema.columns "
        ~ "inner join information_schema.tables using (table_catalog, table_schema, table_name) "
        ~ "where table_catalog = current_database() and table_type = 'BASE TABLE' "
        ~ "and column_name = 'customer_key' and data_type = 'VARCHAR' "
        ~ "and table_schema in ('customers', 'history')"
    ) | map('first') | list %}
    {% set keys = 'select distinct record_key, ' ~ hashed_key("source || ':' || customer_id")
        ~ ' as customer_key from customers.customer_bridge' %}
    {% for table in old_tables if 'customers.customer_bridge' in old_tables and table.startswith('history.') %}
        {% do run_sql(
            'create or replace table ' ~ table ~ ' as select old.* replace (coalesce('
            ~ 'keys.customer_key, ' ~ hashed_key('old.customer_key') ~ ') as customer_key) from '
            ~ table ~ ' as old left join (' ~ keys ~ ') as keys on old.customer_key = keys.record_key'
        ) %}
    {% endfor %}
{% endmacro %}
