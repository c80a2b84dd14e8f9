{#
    A table of history: it keeps what earlier runs wrote, in a full build as well. A run puts
    its rows in the places of those that it computes again, and drops what history no longer
    keeps; meta.kept_by names the macro that tells both ({'computed': …, 'gone': …}, SQL). In
    a refresh of a table with meta.recompute `customer` it is the changed customers' rows.
#}
{% materialization kept, adapter='duckdb', supported_languages=['sql'] %}
    {% set existing = load_cached_relation(this) %}

    {% do begin_model() %}
    {% if existing is none %}
        {% do rebuild(sql) %}
        {% do note_all_changed() %}
    {% elif refreshing() and model.config.meta.recompute == 'customer' %}
        {% do keep_with_changed_customers(existing, sql) %}
    {% else %}
        {% do keep_with(existing, sql) %}
    {% endif %}
    {% do finish_model() %}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}


{% macro keep_with_changed_customers(existing, sql) %}
    {% set touched = 'refresh.touched__' ~ model.name %}
    {% do find_touched_customers(touched) %}
    {% if is_everyone_touched(touched) or is_more_than_a_part(touched) %}
        {% do keep_with(existing, sql, by_customer=not has_new_day()) %}
    {% else %}
        {% set condition = touched_rows(column_names(this), touched) %}
        {% do keep_with(
            existing, rows_of_touched(sql, touched, condition), condition,
            by_customer=true
        ) %}
    {% endif %}
    {% do run_sql('drop table ' ~ touched) %}
{% endmacro %}


{#
    The rows of a query for those of the table that meta.kept_by names, and `condition` if the
    query gives some customers' rows only; `by_customer`: notes whose rows are other ones now,
    else that everybody's may be.
#}
{% macro keep_with(existing, sql, condition='', by_customer=false) %}
    {% set rows = context[model.config.meta.kept_by]() %}
    {% set fresh = this.incorporate(path={'identifier': this.identifier ~ '__fresh'}) %}
    {% call statement('main') %}
        {{ create_table_as(False, fresh, sql) if condition else create_table_of(fresh, sql) }}
    {% endcall %}
    {% do process_schema_changes('append_new_columns', fresh, existing) %}
    {% set replaced = '(' ~ rows.computed ~ ')' ~ (' and (' ~ condition ~ ')' if condition else '') %}
    {% if by_customer %}
        {% do run_sql('delete from ' ~ this ~ ' where ' ~ rows.gone) %}
        {% do put_customers_in_place(fresh, replaced) %}
    {% else %}
        {% do note_all_changed() %}
        {% do put_in_place(fresh, replaced ~ ' or (' ~ rows.gone ~ ')') %}
    {% endif %}
{% endmacro %}
