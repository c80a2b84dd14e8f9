-- Every raw row that could not be accepted: where it is, which rule it broke, what to
-- do. One row per rejected raw row. May hold personal data; never published.
with rejected as (
    {% for feed in var('feeds') %}
        select
            source,
            '{{ feed }}' as entity,
            raw_table,
            row_id,
            file_part,
            split_part(fault, ':', 1) as rule,
            split_part(fault, ':', 2) as column_name
        from {{ ref(feed ~ '_checked') }}
        where fault is not null
            and split_part(fault, ':', 1) not in ('superseded', 'withdrawn')
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

texts as (
    {{ raw_rows(active_sources(), 'select row_id from rejected') | indent(4) }}
),

listed as (
    select
        rejected.source,
        rejected.entity,
        rejected.raw_table,
        texts.file_name || coalesce(' [' || rejected.file_part || ']', '') as file_name,
        texts.row_number,
        rejected.rule,
        rejected.column_name,
        texts.raw_row
    from rejected
    inner join texts on rejected.row_id = texts.row_id
    union all
    select
        source,
        table_name as entity,
        table_name as raw_table,
        file_name,
        row_number,
        rule,
        null as column_name,
        reason || ': ' || raw_text as raw_row
    from {{ source('landing', 'unreadable_rows') }}
    where source in ('{{ var("sources") | join("', '") }}')
)

select
    listed.*,
    rules.label_en,
    rules.label_zh,
    {{ way_out('listed.entity', 'listed.column_name') }} as what_to_do
from listed
left join {{ ref('rejection_rules') }} as rules on listed.rule = rules.rule
