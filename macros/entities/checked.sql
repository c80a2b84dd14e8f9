{#
    A feed, each raw row typed and checked once in its life. `row_fault` is what the row is to
    be blamed for alone, `own_fault` with its file and its references, `fault` among the rows of
    its key; null: accepted. A row that breaks several checks is filed under the first.

    The first build types every staged row. A later one types the rows that came since, and
    judges again, from the columns here, rows whose file was taken back or whose references
    changed. `settled_at` is the run that last changed anything about the row.

    Args:
        entity: the entity, whose .yml holds the contract.
        key: the columns that identify a row within its source.
        checks: lists of checks (macros/entities/checks.sql), most basic first.
        surrogate: the column of the entity's own surrogate key, if others refer to it: the
            lowest row_id that was ever delivered for the row's key.
#}
{% macro checked(entity, key, checks, surrogate=none) -%}
{%- set checks = checks | sum(start=[]) -%}
{%- set references = checks | selectattr('reference', 'defined') | map(attribute='reference') | list -%}
{%- set paid = checks | selectattr('paid', 'defined') | list -%}
{%- set limits = checks | selectattr('limit') | map(attribute='limit') | unique | list -%}
{%- set alone, referring = [], [] -%}
{%- for check in checks if check.sql -%}
    {%- do (referring if referring or check.reference is defined else alone).append(check) -%}
{%- endfor -%}
{%- set hooks = ["{{ settle_repeated_keys('" ~ entity ~ "', " ~ key ~ ", "
    ~ (("'" ~ surrogate ~ "'") if surrogate else 'none') ~ ") }}"] -%}
{%- if paid %}{% do hooks.append("{{ refuse_beyond_paid('" ~ paid[0].column ~ "') }}") %}{% endif -%}
{{- config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='row_id',
    pre_hook="{{ forget_derived_rows('" ~ entity ~ "') }}", post_hook=hooks
) -}}
{%- set last = last_settled() if execute and is_incremental() and not is_derived(entity) else none -%}
{%- set own = [surrogate] if surrogate else [] -%}
{%- set found = references | map(attribute='surrogate') | list -%}
{%- set names = contract_columns(entity) | map(attribute=0) | list -%}
{%- set kept = names + own + ['raw_table', 'is_carrier', 'file_part', 'key_hash', 'row_fault'] -%}
{%- set key_of_row = ['staged.source'] -%}
{%- for column in key -%}{%- do key_of_row.append('staged.' ~ column) -%}{%- endfor -%}
with staged as (
    {{ staged_rows(entity, last.row_id if last else 0) }}
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
arrived as (
    select
        staged.*,
        {%- if surrogate %}
        staged.row_id as {{ surrogate }},
        {%- endif %}
        case
            when {{ key_of_row | join(' is not null and ') }} is not null
                then {{ hash_of(key_of_row) }}
        end as key_hash,
        case
            when staged.unparsable_column is not null
                then 'unparsable_value:' || staged.unparsable_column
            {%- for check in alone %}
            when {{ check.sql }} then '{{ check.rule }}:{{ check.column }}'
            {%- endfor %}
        end as row_fault
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
        {%- endfor %}
    from open_rows as staged
    {%- for reference in references %}
    {%- set alias = 'known_' ~ reference.column %}
    left join {{ reference.relation }} as {{ alias }}
        on {{ hash_of(['staged.source', 'staged.' ~ reference.column]) }} = {{ alias }}.key_hash
        and staged.source = {{ alias }}.source
        and staged.{{ reference.column }} = {{ alias }}.{{ reference.key }}
        and {{ alias }}.fault is null
    {%- endfor %}
),

{% if paid -%}
paid as (
    {{ paid_for_orders('select order_sk from resolved') | indent(4) }}
),

{% endif -%}
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
            when {{ check.sql }} then '{{ check.rule }}:{{ check.column }}'
            {%- endfor %}
        end as own_fault
    from resolved as staged
    {%- if paid %}
    left join paid on staged.order_sk = paid.order_sk
    {%- endif %}
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


{# The accepted rows of a feed: every column that the feed's .yml describes. #}
{% macro accepted(entity) -%}
select
    {%- for column in (node_of(entity).columns if execute else ['row_id']) %}
    {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref(entity ~ '_checked') }}
where fault is null
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
    stage()): then news cannot be told from the rest, and every run builds the feed anew.
#}
{% macro is_derived(entity) %}
    {% set derived = [] %}
    {% for name in sources_of(entity) if is_staged(name, entity) %}
        {% set node = node_of('stg_' ~ name ~ '__' ~ entity) %}
        {% do derived.append(name) if not node.config.meta.get('row_by_row') %}
    {% endfor %}
    {{ return(derived | length > 0) }}
{% endmacro %}


{# pre-hook of a checked feed. #}
{% macro forget_derived_rows(entity) -%}
    {%- if execute and is_incremental() and is_derived(entity) %}delete from {{ this }}{% endif -%}
{%- endmacro %}
