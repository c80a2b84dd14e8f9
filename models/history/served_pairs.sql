-- The pairs of days that the marts tell of: those of the rule set up to the last day
-- that the build describes. One row per pair.
{{ config(materialized='view') }}
select
    ruleset,
    from_date,
    to_date,
    snapshot_kind,
    snapshot_kind = 'month_end' or to_date = max(to_date) over () as is_in_chain
from {{ ref('snapshot_pairs') }}
where
    ruleset = '{{ var("ruleset") }}'
    and to_date <= (
        select max(dates.as_of_date) from {{ ref('as_of_dates') }} as dates
    )
