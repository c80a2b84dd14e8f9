{#
    The value of every threshold on each day of a relation, per rule set in play and scope: its
    own before its base's, department before clinic before chain, then the latest begun.

    Args:
        days: a relation or CTE.
        day: its column of days.
#}
{% macro thresholds_on(days, day) -%}
    with rows_of_policy (
        ruleset, threshold, scope_type, scope_id, value, unit, source, begun_on
    ) as (
        select
            ruleset, threshold, scope_type, scope_id, value, unit, source, valid_from
        from {{ ref('thresholds') }}
        {{ overriding_rows() }}
    ),

    candidates as (
        select
            dates.{{ day }},
            lineage.ruleset,
            scopes.scope_id,
            policy.threshold,
            policy.value,
            policy.unit,
            policy.source,
            policy.begun_on,
            row_number() over (
                partition by
                    dates.{{ day }}, lineage.ruleset, scopes.scope_id, policy.threshold
                order by
                    lineage.distance asc,
                    case policy.scope_type
                        when 'department' then 1
                        when 'clinic' then 2
                        else 3
                    end asc,
                    policy.begun_on desc
            ) as precedence
        from rows_of_policy as policy
        inner join {{ ref('ruleset_lineage') }} as lineage
            on policy.ruleset = lineage.ancestor
        inner join {{ days }} as dates
            on policy.begun_on <= dates.{{ day }}
        inner join {{ ref('policy_scopes') }} as scopes
            on policy.scope_id = case policy.scope_type
                when 'clinic' then scopes.clinic_id
                when 'department' then scopes.department
                else '*'
            end
    )

    select
        {{ day }},
        ruleset,
        scope_id,
        threshold,
        value,
        unit,
        source,
        begun_on as valid_from
    from candidates
    where precedence = 1
{%- endmacro %}
