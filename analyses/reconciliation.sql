-- Where did the raw rows go? One row per source, raw table and entity.
select
    source,
    raw_table,
    entity,
    staged_rows,
    accepted_rows,
    rejected_rows,
    superseded_rows,
    staged_rows - accepted_rows - rejected_rows - superseded_rows as lost_rows
from {{ ref('row_accounts') }}
order by source, raw_table, entity
