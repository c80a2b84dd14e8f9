-- What this run set aside, did without and checked: rejections and bad cells by rule, rows by
-- fate, gaps, checks, records that share an identifier which links nobody or contradicts
-- itself. One row per kind, source, subject, rule and column.
with fates as (
    select
        source,
        entity,
        raw_table,
        sum(rows) as staged_rows
        {%- for fate in ['accepted', 'rejected', 'superseded'] %},
        coalesce(sum(rows) filter (where outcome = '{{ fate }}'), 0) as {{ fate }}_rows
        {%- endfor %}
    from {{ ref('row_accounts') }}
    where is_carrier
    group by source, entity, raw_table
),

findings (
    kind, source, subject, rule, column_name, severity, status, row_count
) as (
    select
        'rejection',
        source,
        entity,
        rule,
        column_name,
        'warn',
        'set_aside',
        sum(rows)
    from {{ ref('row_accounts') }}
    where outcome = 'rejected'
    group by source, entity, rule, column_name
    union all
    select
        'cell',
        source,
        entity,
        rule,
        column_name,
        'warn',
        'flagged',
        sum(rows)
    from {{ ref('row_accounts') }}
    where outcome = 'flagged'
    group by source, entity, rule, column_name
    {% for fate in ['staged', 'accepted', 'rejected', 'superseded'] %}
        union all
        select
            'rows',
            source,
            entity,
            '{{ fate }}',
            raw_table,
            'info',
            'counted',
            {{ fate }}_rows
        from fates
    {% endfor %}
    union all
    select
        'check',
        'dbt',
        subject,
        rule,
        column_name,
        severity,
        status,
        failures
    from {{ source('audit', 'check_results') }}
    union all
    select
        kind,
        '',
        subject,
        rule,
        column_name,
        'info',
        'counted',
        row_count
    from {{ ref('data_gaps') }}
    {% for rule, condition in {
        'several_names': "verdict = 'one_person' and has_several_names",
        'several_clinics': "verdict = 'one_person' and has_several_clinics",
        'placeholder': "verdict = 'placeholder'",
        'too_many': "verdict = 'too_many'",
        'several_unionids': "verdict = 'several_unionids'",
    }.items() %}
        union all
        select
            'identity',
            source,
            'customers',
            '{{ rule }}',
            identifier_type,
            'warn',
            'counted',
            count(*)
        from {{ ref('shared_identifiers') }}
        where {{ condition }}
        group by source, identifier_type
    {% endfor %}
)

select
    findings.kind,
    findings.source,
    findings.subject,
    findings.rule,
    findings.column_name,
    findings.severity,
    findings.status,
    cast(findings.row_count as bigint) as row_count,
    rules.label_en,
    rules.label_zh,
    rules.what_to_do
from findings
left join {{ ref('rejection_rules') }} as rules
    on findings.kind != 'check' and findings.rule = rules.rule
