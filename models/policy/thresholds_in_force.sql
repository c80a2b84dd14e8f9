-- The value of every threshold for every rule set in play, as-of date and scope: its
-- own before its base's, department before clinic before chain, then the latest begun.
-- One row per as-of date, rule set, scope and threshold.
with rows_of_policy (
    ruleset, threshold, scope_type, scope_id, value, source, valid_from
) as (
    select
        ruleset,
        threshold,
        scope_type,
        scope_id,
        value,
        source,
        valid_from
    from {{ ref('thresholds') }}
    {{ overriding_rows() }}
),

candidates as (
    select
        dates.as_of_date,
        lineage.ruleset,
        scopes.scope_id,
        rows_of_policy.threshold,
        rows_of_policy.value,
        rows_of_policy.source,
        rows_of_policy.valid_from,
        row_number() over (
            partition by
                dates.as_of_date,
                lineage.ruleset,
                scopes.scope_id,
                rows_of_policy.threshold
            order by
                lineage.distance asc,
                case rows_of_policy.scope_type
                    when 'department' then 1
                    when 'clinic' then 2
                    else 3
                end asc,
                rows_of_policy.valid_from desc
        ) as precedence
    from rows_of_policy
    inner join {{ ref('ruleset_lineage') }} as lineage
        on rows_of_policy.ruleset = lineage.ancestor
    inner join {{ ref('as_of_dates') }} as dates
        on rows_of_policy.valid_from <= dates.as_of_date
    inner join {{ ref('policy_scopes') }} as scopes
        on rows_of_policy.scope_id = case rows_of_policy.scope_type
            when 'clinic' then scopes.clinic_id
            when 'department' then scopes.department
            else '*'
        end
)

select
    as_of_date,
    ruleset,
    scope_id,
    threshold,
    value,
    source,
    valid_from
from candidates
where precedence = 1
