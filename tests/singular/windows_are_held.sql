-- A rule looks back over a window that the measures do not hold: add it to the variable
-- measure_windows in dbt_project.yml. Zero means the whole lifetime.
select
    ruleset,
    threshold,
    scope_id,
    value
from {{ ref('thresholds') }}
where threshold in (
    select threshold from ({{ windows_in_use() }}) as windows
)
and value not in (0, {{ var('measure_windows') | join(', ') }})
