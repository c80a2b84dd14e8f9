{#
    on-run-start: the record of what was published, which `strata publish` keeps and the
    history models read. A tier model that is new gets its column.
#}
{% macro prepare_publication_record() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'test', 'seed') %}
        {% do run_query('create schema if not exists history') %}
        {% do run_query(
            'create table if not exists history.publications (publication_number integer, '
            ~ 'run_id varchar, published_at timestamp, as_of_date date, ruleset varchar, '
            ~ 'sources varchar, git_revision varchar, loaded_through timestamp)'
        ) %}
        {% do run_query(
            'create table if not exists history.published_thresholds (publication_number '
            ~ 'integer, scope_id varchar, threshold varchar, value decimal(18, 4))'
        ) %}
        {% do run_query(
            'create table if not exists history.published_tiers (publication_number integer, '
            ~ 'customer_key varchar, is_known boolean, source_records integer)'
        ) %}
        {% for name in var('tier_models') %}
            {% do run_query(
                'alter table history.published_tiers add column if not exists '
                ~ name ~ '_tier varchar'
            ) %}
        {% endfor %}
    {% endif %}
{%- endmacro %}
