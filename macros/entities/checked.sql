{#
    A feed, each raw row typed and checked once in its life. `row_fault` is what the row is to
    be blamed for alone, `own_fault` with its file and its references, `fault` among the rows of
    its key; null: accepted. A row that breaks several checks is filed under the first.

    The first build types every staged row. A later one types the rows that came since, and
    judges again, from the columns here, rows whose file was taken back or whose references
    changed. `settled_at` is the run that last changed anything about the row.

    A column is required if its value must be there (`present`) or must be read (`readable`).
    In any other column a value that is no good costs no more than itself: it is null, and
    `flagged` says so (macros/entities/cells.sql).

    Args:
        entity: the entity, whose .yml holds the contract.
        key: the columns that identify a row within its source.
        checks: lists of checks (macros/entities/checks.sql), most basic first.
        surrogate: the column of the entity's own surrogate key, if others refer to it: the
            lowest row_id that was ever delivered for the row's key.
        told: the values in which rows of one load must not contradict each other about a
            key (macros/entities/rivals.sql).
        hooks: what else settles rows that depend on others: calls of macros, as text.
        copies: {further column of the table: the one whose value it starts with}.
#}
{% macro checked(entity, key, checks, surrogate=none, told={}, hooks=[], copies={}) -%}
{%- set checks = checks | sum(start=[]) -%}
{%- set required = checks | selectattr('is_required') | map(attribute='column') | unique | list -%}
{%- set references = checks | selectattr('reference', 'defined') | map(attribute='reference') | list -%}
{%- set paid = checks | selectattr('paid', 'defined') | list -%}
{%- set limits = checks | selectattr('limit') | map(attribute='limit') | unique | list -%}
{%- set alone, optional, referring = [], [], [] -%}
{%- for check in checks if check.sql -%}
    {%- if referring or check.reference is defined -%}{%- do referring.append(check) -%}
    {%- else -%}{%- do (alone if check.column in required else optional).append(check) -%}
    {%- endif -%}
{%- endfor -%}
{%- set settling = ["{{ settle_repeated_keys('" ~ entity ~ "', " ~ key ~ ", "
    ~ (("'" ~ surrogate ~ "'") if surrogate else 'none') ~ ", " ~ told ~ ") }}"] -%}
{%- if surrogate -%}
    {%- do settling.append("{{ tell_apart('" ~ entity ~ "', " ~ key ~ ", '" ~ surrogate ~ "') }}") -%}
{%- endif -%}
{%- set hooks = settling + hooks -%}
{{- config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='row_id',
    pre_hook="{{ forget_derived_rows('" ~ entity ~ "') }}", post_hook=hooks
) -}}
{%- set last = last_settled() if execute and is_incremental() and not is_derived(entity) else none -%}
{%- set own = [surrogate] if surrogate else [] -%}
{%- set found = references | map(attribute='surrogate') | list -%}
{%- set names = contract_columns(entity) | map(attribute=0) | list -%}
{%- set kept = names + own + copies | list
    + ['raw_table', 'is_carrier', 'file_part', 'key_hash', 'row_fault', 'flagged'] -%}
{%- set key_of_row = ['staged.source'] -%}
{%- for column in key -%}{%- do key_of_row.append('staged.' ~ column) -%}{%- endfor -%}
{%- set has_gaps = execute and has_partial_files(entity) -%}
with {{ 'delivered' if has_gaps else 'staged' }} as (
    {{ staged_rows(entity, last.row_id if last else 0) }}
),

{% if has_gaps -%}
staged as (
    {{ with_what_was_known(staged_columns(entity), key, required, this if last else none) }}
),

{% endif -%}

{% if limits -%}
limits as (
    select
        {%- for limit in limits %}
        max(value) filter (where name = '{{ limit }}') as {{ limit }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('input_limits') }}
),

{% endif -%}
arrived as (
    select
        {%- for column in names %}
        {{ value_if_good(column, optional) }},
        {%- endfor %}
        {%- for column, origin in copies.items() %}
        {{ value_if_good(origin, optional, as=column) }},
        {%- endfor %}
        staged.raw_table,
        staged.is_carrier,
        staged.file_part,
        {%- if surrogate %}
        staged.row_id as {{ surrogate }},
        {%- endif %}
        case
            when {{ key_of_row | join(' is not null and ') }} is not null
                then {{ hash_of(key_of_row) }}
        end as key_hash,
        case
            when staged.unparsable_cells is null and staged.unparsable_column is not null
                then 'unparsable_value:' || staged.unparsable_column
            when {{ fault_among('staged.unparsable_cells', required) }} is not null
                then {{ fault_among('staged.unparsable_cells', required) }}
            {%- for check in alone %}
            when {{ check.sql }} then '{{ check.rule }}:{{ check.column }}'
            {%- endfor %}
        end as row_fault,
        {{ bad_cells(optional) }} as flagged
    from staged
    {%- if limits %}
    cross join limits
    {%- endif %}
),

{% if last -%}
held as (
    select * from {{ this }}
    where row_id in (
        {{ rows_to_judge_again(references, paid, last.settled_at) | indent(8) }}
    )
),

{% endif -%}
open_rows as (
    select
        {%- for column in kept %}
        {{ column }}{{ ',' if not loop.last or last }}
        {%- endfor %}
        {%- if last %}
        {%- for column in found %}
        cast(null as bigint) as held_{{ column }},
        {%- endfor %}
        cast(null as varchar) as held_fault,
        false as is_held
        {%- endif %}
    from arrived
    {%- if last %}
    union all
    select
        {%- for column in kept + found %}
        {{ column }},
        {%- endfor %}
        own_fault,
        true
    from held
    {%- endif %}
),

resolved as (
    select
        staged.*
        {%- for reference in references %},
        known_{{ reference.column }}.{{ reference.found }} as {{ reference.surrogate }}
        {%- for column, name in reference.carried.items() %},
        known_{{ reference.column }}.{{ column }} as {{ name }}
        {%- endfor %}
        {%- if reference.is_required %},
        refused_{{ reference.column }}.key_hash is not null as refused_{{ reference.column }}
        {%- endif %}
        {%- endfor %}
    from open_rows as staged
    {%- for reference in references %}
    {%- set alias = 'known_' ~ reference.column %}
    left join {{ reference.relation }} as {{ alias }}
        on {{ hash_of(['staged.source', 'staged.' ~ reference.column]) }} = {{ alias }}.key_hash
        and staged.source = {{ alias }}.source
        and staged.{{ reference.column }} = {{ alias }}.{{ reference.key }}
        and {{ alias }}.fault is null
    {%- if reference.is_required %}
    {%- set refused = 'refused_' ~ reference.column %}
    left join ({{ refused_keys(reference) }}) as {{ refused }}
        on {{ hash_of(['staged.source', 'staged.' ~ reference.column]) }} = {{ refused }}.key_hash
    {%- endif %}
    {%- endfor %}
),

judged as (
    select
        staged.*,
        case
            when {{ file_of('staged.row_id') }} in (
                select file_id from {{ source('landing', 'withdrawn_files') }}
            )
                then 'withdrawn:'
            when staged.row_fault is not null then staged.row_fault
            {%- for check in referring %}
            {%- if check.reference is defined %}
            when {{ check.sql }} and staged.refused_{{ check.column }}
                then 'rejected_reference:{{ check.column }}'
            {%- endif %}
            when {{ check.sql }} then '{{ check.rule }}:{{ check.column }}'
            {%- endfor %}
        end as own_fault
    from resolved as staged
)

select
    {%- for column in kept + found %}
    {{ column }},
    {%- endfor %}
    own_fault,
    own_fault as fault,
    {{ run_moment() }} as settled_at
from judged
{%- if last %}
where not is_held
    or own_fault is distinct from held_fault
    {%- for column in found %}
    or {{ column }} is distinct from held_{{ column }}
    {%- endfor %}
{%- endif %}
{%- endmacro %}


{#
    The accepted rows of a feed: every column that the feed's .yml describes. `instead`:
    {column: the column of the checked feed that it is taken from}.
#}
{% macro accepted(entity, instead={}) -%}
select
    {%- for column in (node_of(entity).columns if execute else ['row_id']) %}
    {{ instead.get(column, column) }}{{ ' as ' ~ column if column in instead }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref(entity ~ '_checked') }}
where fault is null
{%- endmacro %}


{#
    Keys of which rows were delivered and none was accepted: what points to them waits for
    them, and is told under their faults.
#}
{% macro refused_keys(reference) -%}
select distinct key_hash from {{ reference.relation }}
        where fault is not null and fault != 'withdrawn:'
{%- endmacro %}


{# How far this feed is: its last raw row, and the run that last settled one, as literals. #}
{% macro last_settled() %}
    {% set row_id, settled_at = run_sql(
        "select coalesce(max(row_id), 0), coalesce(cast(max(settled_at) as varchar), '1900-01-01') from "
        ~ this
    )[0] %}
    {{ return({'row_id': row_id, 'settled_at': "cast('" ~ settled_at ~ "' as timestamp)"}) }}
{% endmacro %}


{#
    Rows of files taken back since, and rows whose reference was settled after this feed was:
    the other row came, went or changed. Also right after a run that was killed in between.
#}
{% macro rows_to_judge_again(references, paid, settled_after) -%}
select row_id from {{ this }}
where {{ file_of('row_id') }} in (
        select file_id from {{ source('landing', 'withdrawn_files') }}
    )
    and own_fault is distinct from 'withdrawn:'
{%- for reference in references %}
union
select row_id from {{ this }}
where {{ reference.surrogate }} in (
        select {{ reference.found }} from {{ reference.relation }}
        where settled_at > {{ settled_after }}
    )
union
select row_id from {{ this }}
where {{ reference.surrogate }} is null
    and {{ hash_of(['source', reference.column]) }} in (
        select key_hash from {{ reference.relation }}
        where settled_at > {{ settled_after }}
    )
{%- endfor %}
{%- for check in paid %}
union
select row_id from {{ this }}
where order_sk in (select order_sk from {{ check.paid }} where settled_at > {{ settled_after }})
{%- endfor %}
{%- endmacro %}


{#
    Whether a feed's staging makes rows of several raw rows (a source's model is more than
    stage()): then news cannot be told from the rest, and every run builds the feed anew. So
    does a run after a file was taken back from which rows of other files have what these lack.
#}
{% macro is_derived(entity) %}
    {% set derived = [] %}
    {% for name in sources_of(entity) if is_staged(name, entity) %}
        {% do derived.append(name) if not is_row_by_row(name, entity) %}
    {% endfor %}
    {% if execute and not derived and is_incremental() and has_partial_files(entity) %}
        {{ return(run_sql(
            'select count(*) > 0 from ' ~ source('landing', 'withdrawn_files')
            ~ ' where withdrawn_at > (select max(settled_at) from ' ~ this ~ ')'
        )[0][0]) }}
    {% endif %}
    {{ return(derived | length > 0) }}
{% endmacro %}


{# pre-hook of a checked feed. #}
{% macro forget_derived_rows(entity) -%}
    {%- if execute and is_incremental() and is_derived(entity) %}delete from {{ this }}{% endif -%}
{%- endmacro %}
