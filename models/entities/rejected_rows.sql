-- Every raw row that could not be accepted: where it is, which rule it broke, what to
-- do. One row per rejected raw row. May hold personal data; never published.
with set_aside as (
    {% for feed in var('feeds') %}
        select
            source,
            entity,
            raw_table,
            file_name,
            row_number,
            rule,
            column_name,
            raw_row
        from {{ ref(feed ~ '_set_aside') }}
        where outcome = 'rejected'
        union all
    {% endfor %}
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
    set_aside.*,
    rules.label_en,
    rules.label_zh,
    rules.what_to_do
from set_aside
left join {{ ref('rejection_rules') }} as rules on set_aside.rule = rules.rule
