{#
    A refresh computes again what new rows touch, and nothing else. `strata run` asks for it
    (var refresh) when the warehouse holds a finished build of the same project; every other
    invocation of dbt builds in full and forgets what was known about the last build.

    What a refresh knows stays in the schema `refresh` until the run has published, so that a
    killed run is simply done again: the same keys are touched, and some more.
#}
{% macro refreshing() %}
    {{ return(execute and var('refresh')) }}
{% endmacro %}


{# on-run-start: the tables of a refresh; emptied by every other invocation that builds. #}
{% macro prepare_refresh() -%}
    {% if execute and flags.WHICH in ('build', 'run', 'seed') %}
        {% do run_sql('create schema if not exists refresh') %}
        {% do run_sql('create schema if not exists landing') %}
        {% do run_sql(
            'create table if not exists landing.withdrawn_files '
            ~ '(file_id integer not null, withdrawn_at timestamp not null)'
        ) %}
        {% for table, columns in {
            'finished_build': 'fingerprint varchar, last_row_id bigint, landed varchar, '
                ~ 'asked_day varchar, withdrawn_files bigint',
            'entity_changes': 'entity varchar, source varchar, customer_id varchar, order_id varchar',
            'customer_changes': 'model varchar, customer_key uuid',
            'change_notes': 'model varchar, noted_as varchar',
            'changed_customers': 'model varchar, customer_key uuid',
        }.items() %}
            {# What is told at the end is of this invocation; the notes grow until a run published. #}
            {% set is_kept = var('refresh') and table not in ('change_notes', 'changed_customers') %}
            {% set create = 'create table if not exists' if is_kept else 'create or replace table' %}
            {% do run_sql(create ~ ' refresh.' ~ table ~ ' (' ~ columns ~ ')') %}
        {% endfor %}
    {% endif %}
{%- endmacro %}


{# Stands for every customer in what is noted of changes. #}
{% macro everyone() -%}
    00000000-0000-0000-0000-000000000000
{%- endmacro %}


{# Stands in what touched a model for those of whom nobody knows who they are. #}
{% macro nobody() -%}
    ffffffff-ffff-ffff-ffff-ffffffffffff
{%- endmacro %}


{#
    What a test looks at (dbt's own hook, see dbt's documentation of `where`). In a refresh:
    the rows that it put in place; all rows of a table that was computed anew, none of one
    that was left.
#}
{% macro get_where_subquery(relation) %}
    {% set conditions = [config.get('where')] | select | list %}
    {% if model.test_metadata.name == 'ladder_is_total' %}{{ return(relation) }}{% endif %}
    {% set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ relation.identifier) if refreshing() %}
    {% set condition = rows_put_in_place(node, relation) if node %}
    {% if condition %}{% do conditions.append(condition) %}{% endif %}
    {% if not conditions %}{{ return(relation) }}{% endif %}
    {{ return('(select * from ' ~ relation ~ ' where (' ~ conditions | join(') and (') ~ ')) dbt_subquery') }}
{% endmacro %}


{# The condition that is true for the rows that this refresh put in place; none: all are. #}
{% macro rows_put_in_place(node, relation) %}
    {% set scope = node.config.meta.get('recompute') %}
    {% if node.config.meta.get('row_by_row') %}
        {{ return('row_id > ' ~ var('refresh_after_row')) }}
    {% elif node.config.materialized not in ('maintained', 'kept') %}
        {{ return(none) }}
    {% elif scope == 'rows' %}
        {{ return('row_id in (select row_id from ' ~ rows_to_judge(entity_of(node)) ~ ')') }}
    {% elif scope == 'always' or node.config.meta.get('watched') %}
        {{ return(none) }}
    {% elif not has_changed([node.name]) %}
        {{ return('false') }}
    {% endif %}
    {% set changed = "(select customer_key from refresh.customer_changes where model = '"
        ~ node.name ~ "')" %}
    {% if scope == 'customer' and not is_everyone_touched(changed) %}
        {{ return(touched_rows(column_names(relation), changed)) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}


{# Whether the run describes another day than the last one: then every row is another one. #}
{% macro has_new_day() %}
    {{ return(has_changed(['as_of_dates'])) }}
{% endmacro %}


{# Whether any of these tables noted a change since the last finished build. #}
{% macro has_changed(names) %}
    {% set names = "('" ~ names | join("', '") ~ "')" %}
    {{ return(count_of(
        '(select model from refresh.customer_changes where model in ' ~ names
        ~ ' union all select entity from refresh.entity_changes where entity in ' ~ names ~ ')'
    ) > 0) }}
{% endmacro %}
