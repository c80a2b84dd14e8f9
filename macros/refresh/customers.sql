{# Notes the customers (a query for their keys) whose rows changed in this model: how many. #}
{% macro note_customer_changes(keys, name=none) %}
    {{ return(run_sql(
        "insert into refresh.customer_changes select distinct '" ~ (name or model.name) ~ "', * from ("
        ~ keys ~ ')'
    )[0][0]) }}
{% endmacro %}


{# Notes, in a refresh, that every customer's rows may have changed in this model. #}
{% macro note_all_changed() %}
    {% if refreshing() %}{% do note_customer_changes("select '" ~ everyone() ~ "'") %}{% endif %}
{% endmacro %}


{#
    Puts the rows of `fresh` in the places of those of this table where `condition` is true:
    of whoever has other ones now, which is noted. Most who are touched stand as they stood.
#}
{% macro put_customers_in_place(fresh, condition) %}
    {% set before = '(select * from ' ~ this ~ ' where ' ~ condition ~ ')' %}
    {% set columns = column_names(fresh) | join(', ') %}
    {% set changed = note_customer_changes(differing_keys('customer_key', columns, before, fresh)) %}
    {% set rows = "customer_key in (select customer_key from refresh.customer_changes where model = '"
        ~ model.name ~ "')" %}
    {% if changed %}
        {% do run_sql('delete from ' ~ this ~ ' where (' ~ condition ~ ') and ' ~ rows) %}
        {% do run_sql('insert into ' ~ this ~ ' by name select * from ' ~ fresh ~ ' where ' ~ rows) %}
    {% endif %}
    {% do run_sql('drop table ' ~ fresh) %}
{% endmacro %}


{#
    Fills a table with the customers that changed in what the model reads; changes of nobody
    known (a line whose order is gone) stand there as well. Three flags in its meta say that
    it reads more than its references tell:

    - reads_ladders: the measures that ladders compare.
    - reads_deliveries: which raw rows its entities come from, and when they were loaded.
    - reads_merges: what else was known of the records that were merged into a customer.
#}
{% macro find_touched_customers(touched) %}
    {% set meta = model.config.meta %}
    {% set nodes = tables_read_by(model) %}
    {% if meta.get('reads_ladders') %}
        {% for node in ladder_nodes() %}{% do nodes.extend(tables_read_by(node)) %}{% endfor %}
    {% endif %}
    {% set names = names_of_changes(nodes | map(attribute='name') | list, model) %}
    {% set names = "('" ~ names | unique | join("', '") ~ "')" %}
    {% do run_sql(
        'create or replace table ' ~ touched ~ ' as select distinct customer_key from ('
        ~ noted_changes() ~ ') where noted_as in ' ~ names
    ) %}
    {% if meta.get('reads_merges') %}
        {% set bridge = relation_of(node_of('customer_bridge')) %}
        {# First the customer of each record, then every record of each customer. #}
        {% for known, other in [('record_key', 'customer_key'), ('customer_key', 'record_key')] %}
            {% do run_sql(
                'insert into ' ~ touched ~ ' select ' ~ other ~ ' from ' ~ bridge ~ ' where '
                ~ known ~ ' in (select customer_key from ' ~ touched ~ ')'
                ~ ' except select customer_key from ' ~ touched
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{#
    A query for what is noted in this refresh: under which name, and for whom; nobody() where
    an entity's row changed that is no known customer's.
#}
{% macro noted_changes() -%}
    select model as noted_as, customer_key from refresh.customer_changes
    union all
    select changes.entity, coalesce(bridge.customer_key, '{{ nobody() }}')
    from refresh.entity_changes as changes
    left join {{ relation_of(node_of('customer_bridge')) }} as bridge
        on changes.source = bridge.source and changes.customer_id = bridge.customer_id
{%- endmacro %}


{# The names under which changes of these tables are noted that matter to a node. #}
{% macro names_of_changes(tables, node) %}
    {% set names = tables | list %}
    {% if node.config.meta.get('reads_deliveries') %}
        {% for table in tables %}{% do names.append(deliveries_of(table)) %}{% endfor %}
    {% endif %}
    {{ return(names) }}
{% endmacro %}


{# The tables and seeds that a node reads, itself or through views. #}
{% macro tables_read_by(node) %}
    {% set found = [] %}
    {% for key in node.depends_on.nodes if key in graph.nodes %}
        {% set parent = graph.nodes[key] %}
        {% if parent.config.materialized == 'view' %}
            {% do found.extend(tables_read_by(parent)) %}
        {% else %}
            {% do found.append(parent) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#
    Whether anything that a node reads may have changed since the last finished build: what
    its tables noted, and everything that does not note each change.
#}
{% macro has_read_changes(node) %}
    {% set notes = notes_of_read(node) %}
    {{ return(notes is none or has_changed(names_of_changes(notes, node))) }}
{% endmacro %}


{# The names under which each change in what a node reads is noted; none: not each one is. #}
{% macro notes_of_read(node) %}
    {% set found = [] %}
    {% for key in node.depends_on.nodes %}
        {% set notes = notes_of(graph.nodes[key]) if key in graph.nodes else none %}
        {% if notes is none %}{{ return(none) }}{% endif %}
        {% do found.extend(notes) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#
    The names under which each change of a node's rows is noted. None where not each one is:
    raw rows, set-aside rows, tables with `watched` columns, what is kept outside dbt. A seed
    does not change in a refresh: the project would be another.
#}
{% macro notes_of(node) %}
    {% set kind = node.config.materialized %}
    {% if kind == 'seed' %}
        {{ return([]) }}
    {% elif kind == 'view' %}
        {{ return(notes_of_read(node)) }}
    {% elif kind in ('maintained', 'kept') and entity_of(node) == node.name
        and not node.config.meta.get('watched') %}
        {{ return([node.name]) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}


{#
    on-run-end: tells those who read after dbt (the guard, the publication) under which names
    changes of a table's or view's rows are noted, everyone's where not each one is, its own name
    where it never changes; and after a refresh whose rows are other ones by these notes. Views
    of tiers and marts read hundreds of tables, and nobody asks. What is not told may have
    changed: the names come last, so that a kill leaves nothing told.
#}
{% macro tell_what_changed() -%}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% set rows = [] %}
        {% for node in graph.nodes.values() if node.resource_type in ('model', 'seed')
            and not (node.config.materialized == 'view' and node.fqn[1] in ('tiers', 'marts')) %}
            {% set notes = notes_of(node) %}
            {% set names = [everyone()] if notes is none else (notes or [node.name]) %}
            {% for name in names | unique %}
                {% do rows.append("('" ~ node.name ~ "', '" ~ name ~ "')") %}
            {% endfor %}
        {% endfor %}
        {% set notes = 'values ' ~ rows | join(', ') %}
        {% if refreshing() %}
            {% do run_sql(
                'insert into refresh.changed_customers '
                ~ 'with notes (model, noted_as) as (' ~ notes ~ ') '
                ~ 'select distinct notes.model, changes.customer_key from notes inner join ('
                ~ noted_changes() ~ ') as changes on notes.noted_as = changes.noted_as '
                ~ 'order by model'
            ) %}
        {% endif %}
        {% do run_sql('insert into refresh.change_notes ' ~ notes) %}
    {% endif %}
{%- endmacro %}


{# Whether a model that is kept by customer reads a node, itself or through views. #}
{% macro is_read_by_customer(key) %}
    {% for node in graph.nodes.values() if key in (node.depends_on.nodes or []) %}
        {% set kind = node.config.materialized %}
        {% if kind in ('maintained', 'kept') and node.config.meta.get('recompute') == 'customer'
            or kind == 'view' and is_read_by_customer(node.unique_id) %}
            {{ return(true) }}
        {% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}


{#
    The touched customers' rows of a query of this node. Each table that it reads, itself or
    through views, is looked through for them once, however often it reads it (a CTE, which
    DuckDB computes once if it is read twice). `condition`: true for them in the query's result.
#}
{% macro rows_of_touched(sql, touched, condition='true') %}
    {% set slices = {} %}
    {% set asked = over_customers(sql, model, touched_rows, touched, slices) %}
    {% set named = [] %}
    {% for name, rows in slices.items() %}{% do named.append(name ~ ' as (' ~ rows ~ ')') %}{% endfor %}
    {{ return(
        ('with ' ~ named | join(', ') ~ ' ' if named else '')
        ~ 'select * from (' ~ asked ~ ') where ' ~ condition
    ) }}
{% endmacro %}


{#
    A query with some customers' rows alone in the places of what the node reads; `slices` takes
    in these rows by the name that stands for them, if given.
    told_by(columns, customers) gives the condition that is true for them; none: all rows stay.
#}
{% macro over_customers(sql, node, told_by, customers, slices=none) %}
    {% set found = {'sql': sql} %}
    {% for key in node.depends_on.nodes %}
        {% set parent = graph.nodes.get(key) or graph.sources[key] %}
        {% set relation = relation_of(parent) %}
        {% set rows = none %}
        {% if parent.config.materialized == 'view' %}
            {% set rows = over_customers(view_body(relation), parent, told_by, customers, slices) %}
        {% elif parent.resource_type in ('model', 'source') %}
            {% set condition = told_by(column_names(relation), customers) %}
            {% if condition %}
                {% set rows = 'select * from ' ~ relation ~ ' where ' ~ condition %}
                {% if slices is not none %}
                    {% set name = 'some__' ~ relation.schema ~ '__' ~ relation.identifier %}
                    {% do slices.update({name: rows}) %}
                    {% set rows = 'from ' ~ name %}
                {% endif %}
            {% endif %}
        {% endif %}
        {% if rows %}
            {% do found.update(sql=with_relation(found.sql, parent, '(' ~ rows ~ ')')) %}
        {% endif %}
    {% endfor %}
    {{ return(found.sql) }}
{% endmacro %}


{# The condition that is true for the touched customers' rows; none if nothing tells them. #}
{% macro touched_rows(columns, touched) %}
    {% set keys = '(select customer_key from ' ~ touched ~ ')' %}
    {% set records = '(select source, customer_id from ' ~ relation_of(node_of('customer_bridge'))
        ~ ' where customer_key in ' ~ keys ~ ')' %}
    {% if 'customer_key' in columns %}
        {{ return('customer_key in ' ~ keys) }}
    {% elif 'source' in columns and 'customer_id' in columns %}
        {{ return('(source, customer_id) in ' ~ records) }}
    {% elif 'source' in columns and 'order_id' in columns %}
        {{ return(
            '(source, order_id) in (select source, order_id from ' ~ relation_of(node_of('orders'))
            ~ ' where (source, customer_id) in ' ~ records
            ~ ' union select source, order_id from refresh.entity_changes)'
        ) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}


{# The columns that name the customers whom a row is about. #}
{% macro customer_columns(names) %}
    {{ return(
        names | select('in', ['customer_key', 'referrer_key', 'referee_key']) | list
    ) }}
{% endmacro %}
