-- A rule looks back over a window that the measures do not hold: add it to the variable
-- measure_windows in dbt_project.yml. Zero means the whole lifetime.
{{ config(tags=['proof']) }}
with windows (threshold) as (
    {{ names_in_meta('windows') }}
)

select
    thresholds.ruleset,
    thresholds.threshold,
    thresholds.scope_id,
    thresholds.value
from {{ ref('thresholds') }} as thresholds
inner join windows on thresholds.threshold = windows.threshold
where thresholds.value not in (0, {{ var('measure_windows') | join(', ') }})
