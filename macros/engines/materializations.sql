{#
    dbt's own materializations `view` and `test` with fewer statements on DuckDB, which
    replaces in one transaction: hundreds of small nodes wait for dbt, not for the data.
#}
{% materialization view, adapter='duckdb' %}
    {% set existing = load_cached_relation(this) %}
    {% do begin_model() %}
    {% do drop_relation_if_exists(existing) if not existing.is_view %}
    {% call statement('main') %}
        drop view if exists {{ this }};
        {{ get_create_view_as_sql(this, sql) }}
    {% endcall %}
    {% do finish_model() %}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}


{# dbt's frame of a materialization: hooks before its statements; commit and hooks after. #}
{% macro begin_model() %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
{% endmacro %}


{% macro finish_model() %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
{% endmacro %}


{#
    A test whose failing rows are stored, as dbt does, but only if there are any. A test of the
    project's own with meta.recompute `customer` asks a refresh's customers only, as models do,
    where each change in what it reads is noted.
#}
{% materialization test, adapter='duckdb' %}
    {% set touched = 'refresh.touched__' ~ model.name if refreshing()
        and model.config.meta.get('recompute') == 'customer' and notes_of_read(model) is not none %}
    {% do find_touched_customers(touched) if touched %}
    {% set asked = rows_of_touched(sql, touched)
        if touched and not is_everyone_touched(touched) else sql %}
    {% set failing = get_limit_subquery_sql(asked, config.get('limit')) %}
    {% call statement('main', fetch_result=True, auto_begin=False) %}
        {{ get_test_sql(
            failing, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), none
        ) }}
    {% endcall %}
    {% set is_kept = load_result('main').data[0][0] and should_store_failures() %}
    {% set stored = api.Relation.create(
        database=database, schema=schema, identifier=model.alias, type='table'
    ) %}
    {% set stored_before = load_cached_relation(stored) %}
    {% do drop_relation_if_exists(stored_before) %}
    {% if is_kept %}
        {% call statement('stored', auto_begin=True) %}{{ get_create_sql(stored, failing) }}{% endcall %}
    {% endif %}
    {% do run_sql('drop table ' ~ touched) if touched %}
    {{ adapter.commit() }}
    {{ return({'relations': [stored] if is_kept else []}) }}
{% endmaterialization %}
