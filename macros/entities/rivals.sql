{#
    post-hook of a checked feed: rows with the same key. The newest delivery that has no fault
    of its own wins; in the same file, the last row. The others are `superseded` by a later
    file, or `duplicate_row` (same raw text) or `conflicting_duplicate` (same key, other content
    in one file). Looks at keys that this run settled, and among them at repeated ones only.

    `known_since` of the winner: when the first of the deliveries was loaded that say the same
    without another between them; what is said otherwise in the same load was never served.
#}
{% macro settle_repeated_keys(entity, key, surrogate=none) -%}
{%- if execute -%}
{%- set identity = (['source'] + key) | join(', ') -%}
{%- set has_known_since = 'known_since' in contract_columns(entity) | map(attribute=0) -%}
{%- set columns = ['fault', 'settled_at'] + (['known_since'] if has_known_since else [])
    + ([surrogate] if surrogate else []) -%}
{%- set blamed = "':' || '" ~ key | join(', ') ~ "'" -%}
{%- set verdicts -%}
with repeated as (
    select key_hash from {{ this }}
    where key_hash is not null
    {%- if not is_all_of_this_run() %}
        and key_hash in (select key_hash from {{ this }} where settled_at = {{ run_moment() }})
    {%- endif %}
    group by key_hash
    having count(*) > 1
),

rivals as (
    select
        row_id, own_fault, fault as held_fault, loaded_at, file_part, {{ identity }},
        {{ 'known_since' if has_known_since else 'loaded_at' }} as held_since,
        {{ surrogate or 'row_id' }} as held_sk,
        {{ file_of('row_id') }} as file_id,
        {{ hash_of(content_columns(entity)) }} as content_hash
    from {{ this }}
    where key_hash in (select key_hash from repeated)
),

followed as (
    select
        *,
        min(row_id) over (partition by {{ identity }}) as first_row_id,
        first_value(row_id) over newest_first as winner_row_id,
        first_value(content_hash) over newest_first as winner_hash,
        coalesce(loaded_at = lag(loaded_at) over newest_first, false) as is_outdone_at_once,
        case
            when file_id = lag(file_id) over newest_first
                and file_part is not distinct from lag(file_part) over newest_first
                and loaded_at = lag(loaded_at) over newest_first
                then lag(row_id) over newest_first
        end as newer_row_id
    from rivals
    window newest_first as (
        partition by {{ identity }}, own_fault is null
        order by loaded_at desc, row_id desc
    )
),

agreeing as (
    select
        *,
        not is_outdone_at_once
        and bool_and(is_outdone_at_once or content_hash = winner_hash) over (
            partition by {{ identity }}, own_fault is null
            order by loaded_at desc, row_id desc
        ) as is_repeated
    from followed
),

texts as (
    {{ raw_rows(
        raw_tables_of(entity),
        'select row_id from followed where newer_row_id is not null and own_fault is null '
        ~ 'union select newer_row_id from followed where own_fault is null'
    ) | indent(4) }}
),

verdicts as (
    select
        rivals.*,
        case
            when rivals.own_fault is not null then rivals.own_fault
            when rivals.row_id = rivals.winner_row_id then null
            when rivals.newer_row_id is null then 'superseded' || {{ blamed }}
            when older.raw_row = newer.raw_row then 'duplicate_row' || {{ blamed }}
            else 'conflicting_duplicate' || {{ blamed }}
        end as fault,
        case
            when rivals.row_id = rivals.winner_row_id and rivals.own_fault is null
                then min(case when rivals.is_repeated then rivals.loaded_at end) over (
                    partition by rivals.winner_row_id
                )
            else rivals.loaded_at
        end as known_since
    from agreeing as rivals
    left join texts as older on rivals.row_id = older.row_id
    left join texts as newer on rivals.newer_row_id = newer.row_id
)

select
    row_id,
    fault,
    known_since,
    first_row_id{{ ' as ' ~ surrogate if surrogate }},
    {{ run_moment() }} as settled_at
from verdicts
where fault is distinct from held_fault
    {%- if has_known_since %}
    or known_since is distinct from held_since
    {%- endif %}
    {%- if surrogate %}
    or first_row_id is distinct from held_sk
    {%- endif %}
{%- endset -%}
{{ update_rows(this, columns, verdicts) }}
{%- endif -%}
{%- endmacro %}


{# Whether this run settled every row: a full build. #}
{% macro is_all_of_this_run() %}
    {{ return(run_sql('select count(*) = 0 from ' ~ this ~ ' where settled_at < ' ~ run_moment())[0][0]) }}
{% endmacro %}


{# What was paid for orders: the accepted lines of those that the query names. #}
{% macro paid_for_orders(orders) -%}
select
    order_sk,
    sum(net_amount) as net_amount
from {{ ref('order_items_checked') }}
where fault is null
    and order_sk in ({{ orders }})
group by order_sk
{%- endmacro %}


{#
    post-hook of refunds: all rows of an order together, up to the row's day, are at most what
    was paid. The row that goes beyond is refused, and so are the later ones.
#}
{% macro refuse_beyond_paid(column) -%}
{%- if execute -%}
{%- set verdicts -%}
with standing as (
    select * from {{ this }}
    where own_fault is null
        and (fault is null or fault = 'exceeds_paid:{{ column }}')
),

paid as (
    {{ paid_for_orders('select order_sk from standing') | indent(4) }}
),

summed as (
    select
        standing.row_id,
        standing.fault as held_fault,
        case
            when
                sum(standing.{{ column }}) over (
                    partition by standing.order_sk
                    order by standing.refund_date asc, standing.refund_id asc
                ) > coalesce(paid.net_amount, 0)
                then 'exceeds_paid:{{ column }}'
        end as fault
    from standing
    left join paid on standing.order_sk = paid.order_sk
)

select
    row_id,
    fault,
    {{ run_moment() }} as settled_at
from summed
where fault is distinct from held_fault
{%- endset -%}
{{ update_rows(this, ['fault', 'settled_at'], verdicts) }}
{%- endif -%}
{%- endmacro %}
