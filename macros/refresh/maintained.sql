{#
    A table that a refresh keeps up to date. In a full build it is a `table` that replaces the
    old one in one transaction. In a refresh meta.recompute says what of it is computed again:

    - customer: the rows of the customers that changed in what it reads. A customer's rows
      must follow from her own rows in the tables before, and from tables that are not about
      customers. Her rows are told by customer_key, or by source and order_id. Where what
      changed may concern everybody (a cut point), all rows are computed and compared, so
      that what follows is computed again for those who have other ones now.
    - rows: the raw rows that find_rows_to_judge() names (entities and their set-aside rows).
    - everything (also where nothing is said): all rows, if anything changed in what it reads.
      What changed is found by comparison, if a model that is kept by customer reads it.
    - always: the same on every run, for what follows from more than tables (the run's day).

    A model in Python is of `everything` or `always`, and has to name this materialization: dbt
    makes it a `table` whatever dbt_project.yml says.
#}
{% materialization maintained, default %}
    {{ return(materialization_table_default()) }}
{% endmaterialization %}


{% materialization maintained, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {% set existing = load_cached_relation(this) %}
    {% set scope = model.config.meta.get('recompute', 'everything') %}

    {% do begin_model() %}
    {% if model.language == 'python' and refreshing() and existing is not none
        and scope != 'always' and not has_read_changes(model) %}
        {% do do_nothing() %}
    {% elif model.language == 'python' %}
        {% set next = next_of_this() %}
        {# Python writes outside of the transaction: a run that was killed left its table. #}
        {% do run_sql('drop table if exists ' ~ next) %}
        {% if should_full_refresh() %}{% do run_sql('drop table if exists ' ~ this) %}{% endif %}
        {# dbt lets no other macro than a materialization hand code to Python. #}
        {% call statement('main', language='python') %}
            {{- create_table_as(False, next, compiled_code, 'python') -}}
        {% endcall %}
        {% do adapter.ensure_transaction() %}
        {% if refreshing() and existing is not none %}{% do note_changes_of(next) %}{% endif %}
        {% do replace_with(next) %}
    {% elif not refreshing() or existing is none or not existing.is_table %}
        {% do drop_relation_if_exists(existing) if not existing.is_table %}
        {% do rebuild(sql) %}
    {% elif scope == 'rows' %}
        {% do refresh_rows(sql) %}
    {% elif scope == 'customer' %}
        {% do refresh_customers(sql) %}
    {% else %}
        {% do refresh_everything(sql) %}
    {% endif %}
    {% do finish_model() %}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}


{# The entity whose rows, or whose set-aside rows, a model holds. #}
{% macro entity_of(node) %}
    {{ return(node.name.removesuffix('_set_aside')) }}
{% endmacro %}


{# An entity, or its set-aside rows: those judged again take the place of what they were. #}
{% macro refresh_rows(sql) %}
    {% set entity = entity_of(model) %}
    {% set rows = '(select row_id from ' ~ rows_to_judge(entity) ~ ')' %}
    {% if entity != model.name %}{% do find_rows_to_judge(entity) %}{% endif %}
    {% if count_of(rows) == 0 %}{{ return(do_nothing()) }}{% endif %}
    {% set judged = this.incorporate(path={'identifier': this.identifier ~ '__judged'}) %}
    {% call statement('main') %}{{ create_table_as(False, judged, sql) }}{% endcall %}
    {% if entity == model.name %}
        {% set before = '(select * from ' ~ this ~ ' where row_id in ' ~ rows ~ ')' %}
        {% do note_entity_changes(entity, before, judged) %}
    {% endif %}
    {% do put_in_place(judged, 'row_id in ' ~ rows) %}
{% endmacro %}


{# The rows of the customers that changed in what the model reads. #}
{% macro refresh_customers(sql) %}
    {% set touched = 'refresh.touched__' ~ model.name %}
    {% do find_touched_customers(touched) %}
    {% set all_touched = is_everyone_touched(touched) %}
    {% if all_touched and has_new_day() %}
        {% do rebuild(sql) %}
        {% do note_all_changed() %}
    {% elif all_touched or is_more_than_a_part(touched) %}
        {% do rebuild_and_compare(sql) %}
    {% elif count_of(touched) %}
        {% set recomputed = this.incorporate(path={'identifier': this.identifier ~ '__touched'}) %}
        {% set names = column_names(this) %}
        {% set condition = touched_rows(names, touched) %}
        {% set rows = rows_of_touched(sql, touched, condition) %}
        {% call statement('main') %}{{ create_table_as(False, recomputed, rows) }}{% endcall %}
        {% if 'customer_key' in names %}
            {% do put_customers_in_place(recomputed, condition) %}
        {% else %}
            {% do note_customer_changes('select customer_key from ' ~ touched) %}
            {% do put_in_place(recomputed, condition) %}
        {% endif %}
    {% else %}
        {% do do_nothing() %}
    {% endif %}
    {% do run_sql('drop table ' ~ touched) %}
{% endmacro %}


{# Whether what may concern every customer is among what touched a model. #}
{% macro is_everyone_touched(touched) %}
    {{ return(count_of(touched ~ " where customer_key = '" ~ everyone() ~ "'") > 0) }}
{% endmacro %}


{# All rows; which customers' rows changed is noted if somebody asks, else that some did. #}
{% macro refresh_everything(sql) %}
    {% if model.config.meta.get('recompute') != 'always' and not has_read_changes(model) %}
        {% do do_nothing() %}
    {% elif is_read_by_customer(model.unique_id) %}
        {% do rebuild_and_compare(sql) %}
    {% else %}
        {% do rebuild(sql) %}
        {% do note_all_changed() %}
    {% endif %}
{% endmacro %}


{% macro rebuild_and_compare(sql) %}
    {% set next = next_of_this() %}
    {% call statement('main') %}{{ create_table_of(next, sql) }}{% endcall %}
    {% do note_changes_of(next) %}
    {% do replace_with(next) %}
{% endmacro %}


{# The table that takes this one's place. #}
{% macro next_of_this() %}
    {{ return(this.incorporate(path={'identifier': this.identifier ~ '__next'})) }}
{% endmacro %}


{# Notes whose rows the next table has otherwise than this one. #}
{% macro note_changes_of(next) %}
    {% set names = column_names(this) %}
    {% set watched = model.config.meta.get('watched', names) | join(', ') %}
    {% if entity_of(model) in var('feeds') %}
        {% do note_entity_changes(model.name, this, next) %}
    {% elif customer_columns(names) %}
        {% for column in customer_columns(names) %}
            {% do note_customer_changes(differing_keys(column, watched, this, next)) %}
        {% endfor %}
    {% else %}
        {% do note_customer_changes(
            differing_keys("'" ~ everyone() ~ "'", watched, this, next)
        ) %}
    {% endif %}
{% endmacro %}


{# One statement after the other in one transaction: readers see the old table or the new. #}
{% macro rebuild(sql) %}
    {% call statement('main') %}
        drop table if exists {{ this }};
        {{ create_table_of(this, sql) }}
    {% endcall %}
{% endmacro %}


{% macro replace_with(next) %}
    {% call statement('replaced') %}
        drop table if exists {{ this }};
        alter table {{ next }} rename to {{ this.identifier }}
    {% endcall %}
{% endmacro %}


{# The rows of `fresh` for those of this table that `condition` names. #}
{% macro put_in_place(fresh, condition) %}
    {% do run_sql('delete from ' ~ this ~ ' where ' ~ condition) %}
    {% do run_sql('insert into ' ~ this ~ ' by name select * from ' ~ fresh) %}
    {% do run_sql('drop table ' ~ fresh) %}
{% endmacro %}


{% macro do_nothing() %}
    {% call noop_statement('main', 'untouched') %}{% endcall %}
{% endmacro %}
