-- What became of the rows: raw = accepted + rejected + superseded, per raw table; lines that
-- could not be read and rows that staging derives from others are no carriers, and count
-- apart. One row per source, raw table, entity, outcome, rule, column and is_carrier.
{{ config(materialized='table') }}
with counts as (
    {% for feed in var('feeds') %}
        select
            source,
            raw_table,
            '{{ feed }}' as entity,
            fault,
            is_carrier,
            count(*) as row_count
        from {{ ref(feed ~ '_checked') }}
        group by source, raw_table, fault, is_carrier
        union all
    {% endfor %}
    select
        source,
        raw_table,
        entity,
        'flagged|' || rule || ':' || column_name as fault,
        false as is_carrier,
        count(*) as row_count
    from {{ ref('flagged_cells') }}
    group by source, raw_table, entity, rule, column_name
    union all
    select
        source,
        table_name as raw_table,
        table_name as entity,
        rule || ':' as fault,
        false as is_carrier,
        count(*) as row_count
    from {{ source('landing', 'unreadable_rows') }}
    where source in ('{{ var("sources") | join("', '") }}')
    group by source, table_name, rule
),

ruled as (
    select
        source,
        raw_table,
        entity,
        fault like 'flagged|%' as is_cell,
        replace(coalesce(split_part(fault, ':', 1), ''), 'flagged|', '') as rule,
        coalesce(split_part(fault, ':', 2), '') as column_name,
        is_carrier,
        row_count
    from counts
)

select
    source,
    raw_table,
    entity,
    case
        when is_cell then 'flagged'
        when rule = '' then 'accepted'
        when rule in ('superseded', 'withdrawn') then 'superseded'
        else 'rejected'
    end as outcome,
    rule,
    column_name,
    is_carrier,
    row_count as rows
from ruled
