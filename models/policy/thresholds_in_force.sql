-- The value of every threshold on each as-of date, for every rule set in play and scope.
-- One row per as-of date, rule set, scope and threshold.
{{ config(materialized='view') }}
{{ require_policy() }}
select
    dates.as_of_date,
    periods.ruleset,
    periods.scope_id,
    periods.threshold,
    periods.value,
    periods.unit,
    periods.source,
    periods.valid_from
from {{ ref('threshold_periods') }} as periods
inner join {{ ref('as_of_dates') }} as dates
    on
        periods.period_from <= dates.as_of_date
        and coalesce(periods.period_to > dates.as_of_date, true)
