-- The pairs of days of which this run computed one: their movement is computed again.
-- One row per pair and rule set.
{{ config(materialized='view') }}
with dates as (
    select as_of_date from {{ ref('as_of_dates') }}
)

select
    ruleset,
    from_date,
    to_date
from {{ ref('snapshot_pairs') }}
where
    ruleset = '{{ var("ruleset") }}'
    and (
        to_date in (select dates.as_of_date from dates)
        or from_date in (select dates.as_of_date from dates)
    )
