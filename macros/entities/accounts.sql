{#
    What became of the raw rows of a feed from one source, where each raw row is one staged
    row: staged rows are counted, and the rows that came of them.
#}
{% macro accounts_by_count(source_name, feed) -%}
    select
        '{{ source_name }}' as source,
        any_value(staged.raw_table) as raw_table,
        '{{ feed }}' as entity,
        count(*) as staged_rows,
        (
            select count(*) from {{ ref(feed) }}
            where source = '{{ source_name }}'
        ) as accepted_rows,
        {%- for outcome in ['rejected', 'superseded'] %}
        (
            select count(*) from {{ ref(feed ~ '_set_aside') }}
            where source = '{{ source_name }}' and outcome = '{{ outcome }}'
        ) as {{ outcome }}_rows{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_' ~ source_name ~ '__' ~ feed) }} as staged
    having count(*) > 0
{%- endmacro %}


{# The same where staging makes rows of several raw rows: row by row, carriers only. #}
{% macro accounts_by_row(source_name, feed) -%}
    select
        '{{ source_name }}' as source,
        staged.raw_table,
        '{{ feed }}' as entity,
        count(*) as staged_rows,
        count(accepted.row_id) as accepted_rows,
        count(*) filter (where set_aside.outcome = 'rejected') as rejected_rows,
        count(*) filter (where set_aside.outcome = 'superseded') as superseded_rows
    from {{ ref('stg_' ~ source_name ~ '__' ~ feed) }} as staged
    left join {{ ref(feed) }} as accepted on staged.row_id = accepted.row_id
    left join {{ ref(feed ~ '_set_aside') }} as set_aside
        on staged.row_id = set_aside.row_id
    where staged.is_carrier
    group by staged.raw_table
{%- endmacro %}


{# Whether the staging model of a feed gives one row for each raw row (see stage()). #}
{% macro is_row_by_row(source_name, feed) %}
    {% if not execute %}{{ return(false) }}{% endif %}
    {% set node = node_of('stg_' ~ source_name ~ '__' ~ feed) %}
    {{ return(node.config.meta.get('row_by_row', false)) }}
{% endmacro %}
