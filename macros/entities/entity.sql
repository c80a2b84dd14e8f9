{#
    The rows of `entity` from every active source, cast to the types of the contract in the
    entity's .yml. A feed that no active source delivers is an empty relation of the same
    shape. The text of the raw row is left out unless asked for: it costs more than all else.
#}
{% macro staged_rows(entity, with_text=false) -%}
    {%- set feeds = var('source_feeds') -%}
    {%- set names = [] -%}
    {%- for source_name in var('sources') -%}
        {%- if source_name not in feeds -%}
            {{ exceptions.raise_compiler_error(
                "Unknown source '" ~ source_name ~ "'. Known: " ~ feeds.keys() | join(', ')
                ~ ". Add it to source_feeds in dbt_project.yml (CONTRIBUTING.md)."
            ) }}
        {%- endif -%}
        {%- if entity in feeds[source_name] -%}{%- do names.append(source_name) -%}{%- endif -%}
    {%- endfor -%}
    {%- set lineage_columns = [
        ('unparsable_column', 'varchar'), ('raw_table', 'varchar'), ('is_carrier', 'boolean'),
        ('file_name', 'varchar'), ('row_number', 'bigint'),
    ] + ([('raw_row', 'varchar')] if with_text else []) -%}
    {%- set columns = contract_columns(entity) + lineage_columns -%}
    {%- for name in names %}
    {%- do must_have_columns(ref('stg_' ~ name ~ '__' ~ entity), entity, columns) %}
    {% if not loop.first %}union all{% endif %}
    select
        {%- set given = {'source': "'" ~ name ~ "'", 'known_since': 'loaded_at'} %}
        {%- for column, type in columns %}
        cast({{ given.get(column, column) }} as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ staged_relation(name, entity) }}
    {%- else %}
    select
        {%- for column, type in columns %}
        cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endfor %}
{%- endmacro %}


{#
    Stops the build if a staging model, once it is built, lacks one of `columns`
    ([(column, type), …]; `source` and `known_since` are not the staging model's to give).
#}
{% macro must_have_columns(staged, entity, columns) %}
    {% set is_built = execute and load_cached_relation(staged) %}
    {% set there = column_names(staged) | map('lower') | list if is_built else [] %}
    {% for column, type in columns if there and column not in there + ['source', 'known_since'] %}
        {{ exceptions.raise_compiler_error(
            staged.identifier ~ " lacks the column " ~ column ~ " of the contract "
            ~ "(models/entities/" ~ entity ~ ".yml). Where the source has none, write '"
            ~ column ~ "': 'none' in stage(), or cast(null as " ~ type ~ ") as " ~ column
            ~ " in plain SQL."
        ) }}
    {% endfor %}
{% endmacro %}


{# [(column, type), …] of an entity's contract; empty while dbt is still parsing. #}
{% macro contract_columns(entity) %}
    {% set columns = [] %}
    {% if execute %}
        {% for column in node_of(entity).columns.values() %}
            {% do columns.append((column.name, column.data_type)) %}
        {% endfor %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}


{#
    The columns of a contract that say what happened: not who says it and when, and not the
    personal ones (meta is_personal in the entity's .yml), which say what somebody is called.
#}
{% macro content_columns(entity) %}
    {% set names = [] %}
    {% for column in (node_of(entity).columns.values() if execute else []) %}
        {% if not column.meta.get('is_personal') %}{% do names.append(column.name) %}{% endif %}
    {% endfor %}
    {{ return(names | reject('in', ['source', 'loaded_at', 'known_since', 'row_id']) | list) }}
{% endmacro %}


{#
    Every raw row of `entity` that is not served: one row each, with its outcome
    (rejected | superseded), rule, column and the raw text.

    A row that breaks several checks is filed under the first one in the list. Among valid
    rows with the same key the newest delivery wins; in the same file, the last row. The
    others are `superseded` by a later file, or rejected as `duplicate_row` (same content)
    or `conflicting_duplicate` (same key, other content in one file). Rows of a file that was
    taken back compete with nobody and are `superseded` by the rule `withdrawn`.

    `repeated_by` is the id of the newest row of the key, if an outvoted one says the same and
    no load between them said anything else (accepted_rows: `known_since`).

    Args:
        entity: the entity, whose .yml holds the contract.
        key: the columns that identify a row within its source.
        checks: lists of checks (macros/entities/checks.sql), most basic first. Those that
            look at all rows with a value of a reference (`over_rows`: its column) see the
            valid, newest rows only.
#}
{% macro set_aside(entity, key, checks) -%}
{%- set checks = checks | sum(start=[]) -%}
{%- set checks_over_rows = checks | selectattr('over_rows', 'defined') | list -%}
{%- set checks = checks | rejectattr('over_rows', 'defined') | list -%}
{%- set limits = checks | selectattr('limit') | map(attribute='limit') | unique | list -%}
{%- set joins = checks | selectattr('join', 'defined') | map(attribute='join') | list -%}
{%- set references = checks | selectattr('reference', 'defined')
    | map(attribute='reference') | list -%}
{%- set staged_key = ['staged.source'] -%}
{%- for column in key -%}{%- do staged_key.append('staged.' ~ column) -%}{%- endfor -%}
{%- set kept_columns = (key + references | map(attribute='column') | list) | unique
    | reject('equalto', 'source') | list -%}
{{- config(meta={
    'recompute': 'rows',
    'judged_together_by': checks_over_rows | map(attribute='over_rows') | unique | list,
    'key': key,
    'references': references,
}) -}}
with staged as (
    {{ staged_rows(entity) }}
),

{% if limits -%}
limits as (
    select
        {%- for limit in limits %}
        max(value) filter (where name = '{{ limit }}') as {{ limit }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('input_limits') }}
),

{% endif -%}
judged as (
    select
        staged.row_id,
        {{ hash_of(staged_key) }} as key_hash,
        case
            when {{ file_of('staged.row_id') }} in (
                select file_id from {{ source('landing', 'withdrawn_files') }}
            )
                then 'withdrawn:'
            when staged.unparsable_column is not null
                then 'unparsable_value:' || staged.unparsable_column
            {%- for check in checks %}
            when {{ check.sql }}
                then '{{ check.rule }}:{{ check.column }}'
            {%- endfor %}
        end as fault
    from staged
    {%- if limits %}
    cross join limits
    {%- endif %}
    {%- for join in joins %}
    {{ join }}
    {%- endfor %}
),

-- One number is grouped sooner than texts; `followed` tells keys of one hash apart.
repeated_hashes as (
    select key_hash from judged
    where fault is null
    group by key_hash
    having count(*) > 1
),

repeats as (
    select
        *,
        {{ hash_of(content_columns(entity)) }} as content_hash
    from (
        {{ staged_rows(entity) | indent(8) }}
    ) as repeated
    where row_id in (
        select row_id from judged
        where fault is null and key_hash in (select key_hash from repeated_hashes)
    )
),

followed as (
    select
        row_id,
        loaded_at,
        content_hash,
        first_value(row_id) over newest_first as newest_row_id,
        first_value(content_hash) over newest_first as newest_hash,
        loaded_at = lag(loaded_at) over newest_first as is_outdone_at_once,
        case
            when file_name = lag(file_name) over newest_first
                and loaded_at = lag(loaded_at) over newest_first
                then lag(row_id) over newest_first
        end as newer_row_id_in_file
    from repeats
    window newest_first as (
        partition by source, {{ key | join(', ') }}
        order by loaded_at desc, row_id desc
    )
),

-- What is said otherwise in the same load was never served.
outvoted as (
    select
        row_id,
        newer_row_id_in_file,
        case
            when not is_outdone_at_once
                and bool_and(is_outdone_at_once or content_hash = newest_hash) over (
                    partition by newest_row_id
                    order by loaded_at desc, row_id desc
                )
                then newest_row_id
        end as repeated_by
    from followed
    where row_id != newest_row_id
),

{% if checks_over_rows -%}
standing as (
    select staged.*
    from staged
    inner join judged on staged.row_id = judged.row_id
    where judged.fault is null
        and staged.row_id not in (select row_id from outvoted)
),

judged_together as (
    select
        staged.row_id,
        case
            {%- for check in checks_over_rows %}
            when {{ check.sql }}
                then '{{ check.rule }}:{{ check.column }}'
            {%- endfor %}
        end as fault
    from standing as staged
    {%- for join in checks_over_rows | map(attribute='join') %}
    {{ join }}
    {%- endfor %}
),

{% endif -%}
worth_quoting as (
    select row_id from judged
    where fault is not null
    union
    select row_id from outvoted
    union
    select newer_row_id_in_file as row_id from outvoted
    where newer_row_id_in_file is not null
    {%- if checks_over_rows %}
    union
    select row_id from judged_together
    where fault is not null
    {%- endif %}
),

quoted as (
    select *
    from (
        {{ staged_rows(entity, with_text=true) | indent(8) }}
    ) as worth
    where row_id in (select row_id from worth_quoting)
),

verdicts as (
    {%- for judgement in ['judged'] + (['judged_together'] if checks_over_rows else []) %}
    select
        row_id,
        case when fault = 'withdrawn:' then 'superseded' else 'rejected' end as outcome,
        split_part(fault, ':', 1) as rule,
        split_part(fault, ':', 2) as column_name,
        cast(null as bigint) as repeated_by
    from {{ judgement }}
    where fault is not null
    union all
    {%- endfor %}
    select
        outvoted.row_id,
        case when outvoted.newer_row_id_in_file is null then 'superseded' else 'rejected' end as outcome,
        case
            when outvoted.newer_row_id_in_file is null then 'superseded'
            when older.raw_row = newer.raw_row then 'duplicate_row'
            else 'conflicting_duplicate'
        end as rule,
        '{{ key | join(", ") }}' as column_name,
        outvoted.repeated_by
    from outvoted
    left join quoted as older on outvoted.row_id = older.row_id
    left join quoted as newer on outvoted.newer_row_id_in_file = newer.row_id
)

select
    verdicts.row_id,
    '{{ entity }}' as entity,
    verdicts.outcome,
    verdicts.rule,
    verdicts.column_name,
    verdicts.repeated_by,
    quoted.source,
    {%- for column in kept_columns %}
    quoted.{{ column }},
    {%- endfor %}
    quoted.raw_table,
    quoted.file_name,
    quoted.row_number,
    quoted.loaded_at,
    quoted.raw_row
from quoted
inner join verdicts on quoted.row_id = verdicts.row_id
{%- endmacro %}


{#
    The accepted rows of `entity`: what was staged, less what was set aside. If its contract
    has `known_since`: when the first of the rows was loaded that a row repeats.
#}
{% macro accepted_rows(entity) -%}
{{- config(meta={'recompute': 'rows'}) -}}
{%- set names = contract_columns(entity) | map(attribute=0) | list -%}
with staged as (
    {{ staged_rows(entity) }}
)
{%- if 'known_since' in names %},

repeated as (
    select
        repeated_by,
        min(loaded_at) as known_since
    from {{ ref(entity ~ '_set_aside') }}
    where repeated_by is not null
    group by repeated_by
)
{%- endif %}

select
    {%- for column in names %}
    {{ 'coalesce(repeated.known_since, staged.known_since) as known_since'
        if column == 'known_since' else 'staged.' ~ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from staged
left join {{ ref(entity ~ '_set_aside') }} as set_aside on staged.row_id = set_aside.row_id
{%- if 'known_since' in names %}
left join repeated on staged.row_id = repeated.repeated_by
{%- endif %}
where set_aside.row_id is null
{%- endmacro %}


{# The raw tables of the sources that take part; empty while dbt is still parsing. #}
{% macro active_sources() %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {{ return(graph.sources.values() | selectattr('source_name', 'in', var('sources')) | list) }}
{% endmacro %}
