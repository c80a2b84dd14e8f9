-- The numbers that decide the tiers of the run, with their source.
-- One row per threshold and scope.
select
    in_force.threshold,
    in_force.scope_id,
    in_force.value,
    in_force.source,
    in_force.valid_from
from {{ ref('thresholds_in_force') }} as in_force
order by in_force.threshold, in_force.scope_id
