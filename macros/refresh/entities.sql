{#
    The rows of a staging model that a refresh judges again (refresh.rows__<entity>): its
    view, over these raw rows only. In a full build the model itself.
#}
{% macro staged_relation(source_name, entity) %}
    {% set staged = ref('stg_' ~ source_name ~ '__' ~ entity) %}
    {% if not refreshing() %}{{ return(staged) }}{% endif %}
    {% set node = node_of(staged.identifier) %}
    {% set raw = graph.sources[node.depends_on.nodes | select('in', graph.sources) | first] %}
    {% set rows = '(select * from ' ~ raw.relation_name ~ ' where _row_id in '
        ~ '(select row_id from ' ~ rows_to_judge(entity) ~ '))' %}
    {{ return('(' ~ with_relation(view_body(staged), raw, rows) ~ ')') }}
{% endmacro %}


{# The raw rows of an entity that this refresh judges again. #}
{% macro rows_to_judge(entity) -%}
    refresh.rows__{{ entity }}
{%- endmacro %}


{#
    Finds the raw rows to judge again: those that are new or were taken back, those that
    refer to a row of another entity that changed, those that an unfinished run before found;
    and every row that is judged beside one of them: it has the same key, or the same value
    where a check looks at several rows (all refunds of an order).
#}
{% macro find_rows_to_judge(entity) %}
    {% set meta = node_of(entity ~ '_set_aside').config.meta %}
    {% set types = dict(contract_columns(entity)) %}
    {% set together = meta.judged_together_by %}
    {% set read = tables_read_by(node_of(entity ~ '_set_aside')) | map(attribute='name') | list %}
    {% set named = (meta.key + together) | unique | list %}
    {% set columns = (['source'] + named + meta.references | map(attribute='column') | list)
        | unique | join(', ') %}
    {% do run_sql(
        'create table if not exists ' ~ rows_to_judge(entity) ~ ' (row_id bigint)'
    ) %}
    {% call statement('rows_to_judge') %}
        insert into {{ rows_to_judge(entity) }}
        with recursive news as (
            {% for name in var('sources') if entity in var('source_feeds')[name] %}
            select
                '{{ name }}' as source,
                {% for column in named %}
                cast({{ column }} as {{ types[column] }}) as {{ column }},
                {% endfor %}
                row_id
            from {{ relation_of(node_of('stg_' ~ name ~ '__' ~ entity)) }}
            where row_id > {{ var('refresh_after_row') }}
            union all
            {% endfor %}
            select source, {{ named | join(', ') }}, row_id from {{ this }} where false
        ),

        held as (
            select {{ columns }}, row_id, '' as rule from {{ relation_of(node_of(entity)) }}
            union all
            select {{ columns }}, row_id, rule from {{ this }}
        ),

        dependent as (
            select source, {{ named | join(', ') }}, row_id from held
            where
                rule != 'withdrawn'
                and {{ file_of('row_id') }} in (select file_id from landing.withdrawn_files)
            {% for reference in meta.references if has_changed([reference.entity]) %}
                or (source, {{ reference.column }}) in (
                    select source, {{ reference.key }} from refresh.entity_changes
                    where entity = '{{ reference.entity }}'
                )
            {% endfor %}
            {% for column in together %}
                or (source, {{ column }}) in (
                    select source, {{ column }} from refresh.entity_changes
                    where entity in ('{{ read | join("', '") }}')
                )
            {% endfor %}
        ),

        begun as (
            select * from news
            union
            select * from dependent
        ),

        {{ rows_judged_beside(meta.key, together) }}

        select row_id from beside
        except
        select row_id from {{ rows_to_judge(entity) }}
    {% endcall %}
{% endmacro %}


{# The CTE `beside`: the rows `begun`, and those of `held` that are judged beside them. #}
{% macro rows_judged_beside(key, together) %}
    {% set named = (key + together) | unique | list %}
    {% if not together %}
        beside as (
            select row_id from begun
            union
            select held.row_id from held
            inner join (select distinct source, {{ key | join(', ') }} from begun) as keys
                using (source, {{ key | join(', ') }})
        )
    {% else %}
        all_rows as (
            select source, {{ named | join(', ') }}, row_id from news
            union
            select source, {{ named | join(', ') }}, row_id from held
        ),

        {# What a row shares with others; a hash that is equal by chance does no harm. #}
        shared as (
            select row_id, {{ hash_of(['source'] + key) }} as shares from all_rows
            {% for column in together %}
            union all
            select row_id, {{ hash_of(["'" ~ column ~ "'", 'source', column]) }} from all_rows
            {% endfor %}
        ),

        {# From group to group: rows of one group would be held against each other. #}
        reached as (
            select shares from shared where row_id in (select row_id from begun)
            union
            select others.shares from reached
            inner join shared on reached.shares = shared.shares
            inner join shared as others on shared.row_id = others.row_id
        ),

        beside as (
            select distinct row_id from shared
            where shares in (select shares from reached)
        )
    {% endif %}
{% endmacro %}


{#
    Notes whose rows of an entity differ between two queries: by customer record and order,
    or everyone's where the entity has neither. Which raw row says it, and when it was loaded,
    matters to few models (meta.reads_deliveries), and is noted under a name of its own. Since
    when it is known (`known_since`) is not changed by a delivery that says the same again.
#}
{% macro note_entity_changes(entity, before, after) %}
    {% set names = contract_columns(entity) | map(attribute=0) | list %}
    {% set content = names | reject('in', ['row_id', 'loaded_at']) | list %}
    {% for name, columns in [(entity, content), (deliveries_of(entity), names)] %}
        {% do note_differences(entity, name, columns, before, after) %}
    {% endfor %}
{% endmacro %}


{# The name under which is noted whose rows of an entity were delivered again. #}
{% macro deliveries_of(entity) -%}
    {{ entity }} (deliveries)
{%- endmacro %}


{% macro note_differences(entity, name, columns, before, after) %}
    {% set owners = columns | select('in', [
        'customer_id', 'same_as_customer_id', 'referrer_customer_id', 'referee_customer_id'
    ]) | list %}
    {% set has_order = 'order_id' in columns %}
    {% set order_id = 'order_id' if has_order else 'null' %}
    {% set names = columns | join(', ') %}
    {% if not owners and not has_order %}
        {% set everybody = differing_keys("'" ~ everyone() ~ "'", names, before, after) %}
        {{ return(note_customer_changes(everybody, name)) }}
    {% endif %}
    {% call statement('entity_changes') %}
        insert into refresh.entity_changes
        {% for owner in owners %}
        {{ differing_keys(
            "'" ~ name ~ "', source, " ~ owner ~ ', ' ~ order_id, names, before, after
        ) }}
        {{ 'union' if not loop.last }}
        {% else %}
        select '{{ name }}', changed.source, orders.customer_id, changed.order_id
        from ({{ differing_keys('source, order_id', names, before, after) }}) as changed
        left join {{ relation_of(node_of('orders')) }} as orders
            on changed.source = orders.source and changed.order_id = orders.order_id
        {% endfor %}
    {% endcall %}
{% endmacro %}
