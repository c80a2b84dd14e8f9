-- The value of every threshold on every as-of date and scope: the active rule set
-- before its base, department before clinic before chain, then the latest begun.
-- One row per as-of date, rule set, scope and threshold.
with candidates as (
    select
        dates.as_of_date,
        scopes.scope_id,
        thresholds.threshold,
        thresholds.value,
        thresholds.source,
        thresholds.valid_from,
        row_number() over (
            partition by dates.as_of_date, scopes.scope_id, thresholds.threshold
            order by
                lineage.distance asc,
                case thresholds.scope_type
                    when 'department' then 1
                    when 'clinic' then 2
                    else 3
                end asc,
                thresholds.valid_from desc
        ) as precedence
    from {{ ref('thresholds') }} as thresholds
    inner join {{ ref('ruleset_lineage') }} as lineage
        on thresholds.ruleset = lineage.ruleset
    inner join {{ ref('as_of_dates') }} as dates
        on thresholds.valid_from <= dates.as_of_date
    inner join {{ ref('policy_scopes') }} as scopes
        on
            thresholds.scope_type = 'chain'
            or (
                thresholds.scope_type = 'clinic'
                and thresholds.scope_id = scopes.clinic_id
            )
            or (
                thresholds.scope_type = 'department'
                and thresholds.scope_id = scopes.department
            )
)

select
    as_of_date,
    '{{ var("ruleset") }}' as ruleset,
    scope_id,
    threshold,
    value,
    source,
    valid_from
from candidates
where precedence = 1
