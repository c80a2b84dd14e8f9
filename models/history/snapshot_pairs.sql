-- Each kept day with the month end before it that movement is measured from; null for
-- the first. One row per day and rule set.
{{ config(materialized='view') }}
select
    days.ruleset,
    days.as_of_date as to_date,
    days.snapshot_kind,
    max(earlier.as_of_date) as from_date
from {{ ref('snapshot_days') }} as days
left join {{ ref('snapshot_days') }} as earlier
    on
        days.ruleset = earlier.ruleset
        and days.as_of_date > earlier.as_of_date
        and earlier.snapshot_kind = 'month_end'
group by days.ruleset, days.as_of_date, days.snapshot_kind
