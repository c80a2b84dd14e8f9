-- The thresholds over time, of every rule set in play: its own before its base's,
-- department before clinic before chain, then the latest begun. One row per period
-- (from a day on which any of them begins), rule set, scope and threshold.
with {{ ruleset_lineage() }},

rows_of_policy as (
    select
        ruleset as owner,
        threshold,
        scope_type,
        scope_id,
        value,
        unit,
        source,
        valid_from as begun_on
    from {{ ref('thresholds') }}
    {{ overriding_rows() }}
),

inherited as (
    select
        policy.*,
        lineage.ruleset,
        lineage.distance,
        case policy.scope_type when 'department' then 1 when 'clinic' then 2 else 3 end
            as scope_rank
    from rows_of_policy as policy
    inner join lineage on policy.owner = lineage.ancestor
),

periods as (
    select
        ruleset,
        begun_on as period_from,
        lead(begun_on) over (partition by ruleset order by begun_on asc) as period_to
    from inherited
    group by ruleset, begun_on
),

candidates as (
    select
        periods.period_from,
        periods.period_to,
        inherited.ruleset,
        scopes.scope_id,
        inherited.threshold,
        inherited.value,
        inherited.unit,
        inherited.source,
        inherited.begun_on as valid_from,
        row_number() over (
            partition by
                periods.period_from, inherited.ruleset, scopes.scope_id,
                inherited.threshold
            order by inherited.distance asc, inherited.scope_rank asc, inherited.begun_on desc
        ) as precedence
    from inherited
    inner join periods
        on inherited.ruleset = periods.ruleset and inherited.begun_on <= periods.period_from
    inner join {{ ref('policy_scopes') }} as scopes
        on inherited.scope_id = case inherited.scope_type
            when 'clinic' then scopes.clinic_id
            when 'department' then scopes.department
            else '*'
        end
)

select
    -- What a rule set begins with holds for the days before, too.
    {{ since_ever('period_from', 'ruleset') }} as period_from,
    period_to,
    ruleset,
    scope_id,
    threshold,
    value,
    unit,
    source,
    valid_from
from candidates
where precedence = 1
