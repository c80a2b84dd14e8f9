-- What this run set aside and what it checked: rejections by rule, rows by fate, checks.
-- One row per kind, source, subject, rule and column.
{{ config(materialized='view') }}
with rejections as (
    select
        'rejection' as kind,
        source,
        entity as subject,
        rule,
        coalesce(column_name, '') as column_name,
        'warn' as severity,
        'set_aside' as status,
        count(*) as row_count
    from {{ ref('rejected_rows') }}
    group by source, entity, rule, column_name
),

accounts as (
    {% for fate in ['staged', 'accepted', 'rejected', 'superseded'] -%}
    select
        'rows' as kind,
        source,
        entity as subject,
        '{{ fate }}' as rule,
        raw_table as column_name,
        'info' as severity,
        'counted' as status,
        {{ fate }}_rows as row_count
    from {{ ref('row_accounts') }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

checks as (
    select
        'check' as kind,
        'dbt' as source,
        subject,
        rule,
        column_name,
        severity,
        status,
        failures as row_count
    from {{ source('audit', 'check_results') }}
),

everything as (
    select * from rejections
    union all
    select * from accounts
    union all
    select * from checks
)

select
    everything.kind,
    everything.source,
    everything.subject,
    everything.rule,
    everything.column_name,
    everything.severity,
    everything.status,
    cast(everything.row_count as bigint) as row_count,
    rules.label_en,
    rules.label_zh,
    rules.what_to_do
from everything
left join {{ ref('rejection_rules') }} as rules
    on everything.rule = rules.rule
    and everything.kind = 'rejection'
