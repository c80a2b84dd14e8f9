-- Each kept day with the month end before it that movement is measured from (null for
-- the first), and what the marts tell of it. One row per day and rule set.
with pairs as (
    select
        later.ruleset,
        later.as_of_date as to_date,
        later.snapshot_kind,
        later.loaded_through as to_loaded_through,
        max(earlier.as_of_date) as from_date
    from {{ ref('snapshot_days') }} as later
    left join {{ ref('snapshot_days') }} as earlier
        on
            later.ruleset = earlier.ruleset
            and later.as_of_date > earlier.as_of_date
            and earlier.snapshot_kind = 'month_end'
    group by
        later.ruleset, later.as_of_date, later.snapshot_kind, later.loaded_through
),

told as (
    select
        pairs.*,
        earlier.loaded_through as from_loaded_through,
        pairs.ruleset = '{{ var("ruleset") }}' and (
            pairs.to_date in (select dates.as_of_date from {{ ref('as_of_dates') }} as dates)
            or coalesce(pairs.from_date in (
                select dates.as_of_date from {{ ref('as_of_dates') }} as dates
            ), false)
        ) as is_computed,
        pairs.ruleset = '{{ var("ruleset") }}' and pairs.to_date <= (
            select max(dates.as_of_date) from {{ ref('as_of_dates') }} as dates
        ) as is_served
    from pairs
    left join {{ ref('snapshot_days') }} as earlier
        on pairs.ruleset = earlier.ruleset and pairs.from_date = earlier.as_of_date
)

select
    ruleset,
    from_date,
    to_date,
    snapshot_kind,
    from_loaded_through,
    to_loaded_through,
    is_computed,
    is_served,
    is_served and (
        snapshot_kind = 'month_end'
        or to_date = max(case when is_served then to_date end) over ()
    ) as is_in_chain
from told
