-- The thresholds over time: between two days on which any of them begins, all are
-- constant. One row per period, rule set, scope and threshold; period_to is exclusive.
with begun as (
    select distinct thresholds.valid_from as period_from
    from {{ ref('thresholds') }} as thresholds
    inner join {{ ref('ruleset_lineage') }} as lineage
        on
            thresholds.ruleset = lineage.ancestor
            and lineage.ruleset = '{{ var("ruleset") }}'
),

periods as (
    select
        period_from,
        lead(period_from) over (order by period_from asc) as period_to
    from begun
),

in_force as (
    {{ thresholds_on('periods', 'period_from') }}
)

select
    in_force.period_from,
    periods.period_to,
    in_force.ruleset,
    in_force.scope_id,
    in_force.threshold,
    in_force.value,
    in_force.valid_from
from in_force
inner join periods on in_force.period_from = periods.period_from
where in_force.ruleset = '{{ var("ruleset") }}'
