-- The numbers that decided the tiers of the run, with their source.
-- One row per as-of date, scope and threshold.
select
    as_of_date,
    ruleset,
    scope_id,
    threshold,
    value,
    unit,
    source,
    valid_from
from {{ ref('thresholds_in_force') }}
where ruleset = '{{ var("ruleset") }}'
