-- Cells of accepted rows that are no good: null, or changed as the rule says.
-- One row per cell. May hold personal data; never published.
with flagged as (
    {% for feed in var('feeds') %}
        select
            source,
            '{{ feed }}' as entity,
            raw_table,
            row_id,
            file_part,
            {{ each_row(split_text('flagged', ',')) }} as cell
        from {{ ref(feed ~ '_checked') }}
        where flagged is not null
            and fault is null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

texts as (
    {{ raw_rows(active_sources(), 'select row_id from flagged') | indent(4) }}
)

select
    flagged.source,
    flagged.entity,
    flagged.raw_table,
    texts.file_name || coalesce(' [' || flagged.file_part || ']', '') as file_name,
    texts.row_number,
    split_part(flagged.cell, ':', 1) as rule,
    coalesce(
        nullif(split_part(flagged.cell, ':', 3), ''), split_part(flagged.cell, ':', 2)
    ) as column_name,
    texts.raw_row,
    rules.label_en,
    rules.label_zh,
    {{ way_out('flagged.entity', "split_part(flagged.cell, ':', 2)") }} as what_to_do
from flagged
inner join texts on flagged.row_id = texts.row_id
left join {{ ref('rejection_rules') }} as rules
    on split_part(flagged.cell, ':', 1) = rules.rule
where flagged.cell != ''
