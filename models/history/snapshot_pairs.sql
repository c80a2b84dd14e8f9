-- Each kept day with the month end before it that movement is measured from; null for
-- the first. One row per day and rule set.
{{ config(materialized='view') }}
select
    later.ruleset,
    later.as_of_date as to_date,
    later.snapshot_kind,
    max(earlier.as_of_date) as from_date
from {{ ref('snapshot_days') }} as later
left join {{ ref('snapshot_days') }} as earlier
    on
        later.ruleset = earlier.ruleset
        and later.as_of_date > earlier.as_of_date
        and earlier.snapshot_kind = 'month_end'
group by later.ruleset, later.as_of_date, later.snapshot_kind
