{#
    The value of every threshold on each day of a relation, per scope: the active rule set
    before its base, department before clinic before chain, then the latest begun.

    Args:
        days: a relation or CTE.
        day: its column of days.
#}
{% macro thresholds_on(days, day) -%}
    with candidates as (
        select
            dates.{{ day }},
            scopes.scope_id,
            thresholds.threshold,
            thresholds.value,
            thresholds.unit,
            thresholds.source,
            thresholds.valid_from as begun_on,
            row_number() over (
                partition by dates.{{ day }}, scopes.scope_id, thresholds.threshold
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
        inner join {{ days }} as dates
            on thresholds.valid_from <= dates.{{ day }}
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
        {{ day }},
        '{{ var("ruleset") }}' as ruleset,
        scope_id,
        threshold,
        value,
        unit,
        source,
        begun_on as valid_from
    from candidates
    where precedence = 1
{%- endmacro %}
