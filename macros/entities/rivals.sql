{#
    post-hook of a checked feed: rows with the same key. The newest delivery that has no fault
    of its own wins; in the same file, the last row. The others are `superseded` by a later
    file, or `duplicate_row` (same raw text) or `conflicting_duplicate` (same key, other content
    in one file). Looks at keys that this run settled, and among them at repeated ones only.

    Rows of one load that contradict each other about a key, in one file or several: in a
    value of `told.firm`, or in two of `told.person`, nobody can tell whose the row is, and
    none of the key's rows is accepted until a later load says which; in one of `told.loose`
    (a day) the last row wins. The rows are `contradicting_rows`, not superseded.

    `known_since` of the winner: when the first of the deliveries was loaded that say the same
    without another between them; what is said otherwise in the same load was never served.
#}
{% macro settle_repeated_keys(entity, key, surrogate=none, told={}) -%}
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
        row_id, key_hash, own_fault, fault as held_fault, loaded_at, file_part, {{ identity }},
        {{ 'known_since' if has_known_since else 'loaded_at' }} as held_since,
        {{ surrogate or 'row_id' }} as held_sk,
        {%- for kind, values in told.items() %}
        {%- for value in values %}
        {{ value }} as {{ kind }}_{{ loop.index }},
        {%- endfor %}
        {%- endfor %}
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
        {{ _contradicts(told) }} as contradiction,
        not is_outdone_at_once
        and bool_and(is_outdone_at_once or content_hash = winner_hash) over (
            partition by {{ identity }}, own_fault is null
            order by loaded_at desc, row_id desc
        ) as is_repeated
    from followed
    {%- if told %}
    window of_one_load as (partition by {{ identity }}, own_fault is null, loaded_at)
    {%- endif %}
),

disputed as (
    select
        *,
        max(case when loaded_at = newest_load then contradiction end) over (
            partition by {{ identity }}, own_fault is null
        ) as dispute
    from (
        select
            *,
            max(loaded_at) over (partition by {{ identity }}, own_fault is null) as newest_load
        from agreeing
    ) as agreeing
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
            when rivals.dispute = 2 and rivals.loaded_at = rivals.newest_load
                then 'contradicting_rows' || {{ blamed }}
            when rivals.dispute = 2 then 'superseded' || {{ blamed }}
            when rivals.row_id = rivals.winner_row_id then null
            when older.raw_row = newer.raw_row then 'duplicate_row' || {{ blamed }}
            when rivals.dispute = 1 and rivals.loaded_at = rivals.newest_load
                then 'contradicting_rows' || {{ blamed }}
            when rivals.newer_row_id is null then 'superseded' || {{ blamed }}
            else 'conflicting_duplicate' || {{ blamed }}
        end as fault,
        case
            when rivals.row_id = rivals.winner_row_id and rivals.own_fault is null
                then min(case when rivals.is_repeated then rivals.loaded_at end) over (
                    partition by rivals.winner_row_id
                )
            else rivals.loaded_at
        end as known_since
    from disputed as rivals
    left join texts as older on rivals.row_id = older.row_id
    left join texts as newer on rivals.newer_row_id = newer.row_id
)

select
    row_id,
    key_hash,
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


{#
    Whether the valid rows of a key in one load contradict each other: 2 in a way that leaves
    open whose they are, 1 in a day, 0 not at all. What is blank contradicts nothing.
#}
{% macro _contradicts(told) -%}
{%- if not told -%}
    0
{%- else -%}
        case
            {%- for value in told.get('firm', []) %}
            when {{ _differs('firm_' ~ loop.index) }} then 2
            {%- endfor %}
            {%- if told.get('person') %}
            when
                {%- for value in told.person %}
                {{ '+ ' if not loop.first }}case when {{ _differs('person_' ~ loop.index) }} then 1 else 0 end
                {%- endfor %}
                > 1
                then 2
            {%- endif %}
            {%- for value in told.get('loose', []) %}
            when {{ _differs('loose_' ~ loop.index) }} then 1
            {%- endfor %}
            else 0
        end
{%- endif -%}
{%- endmacro %}

{% macro _differs(column) -%}
    min({{ column }}) over of_one_load != max({{ column }}) over of_one_load
{%- endmacro %}


{#
    post-hook of a feed whose staging makes several rows of one raw row (a file of pairs): what
    came from one row is not one thing. The first by key keeps the row's number, each other one
    gets a number of its own, below zero, the same in every build.
#}
{% macro tell_apart(entity, key, surrogate) -%}
{%- if execute and is_derived(entity) -%}
{%- set verdicts -%}
with placed as (
    select
        row_id,
        key_hash,
        {{ surrogate }} as shared_sk,
        dense_rank() over (
            partition by {{ surrogate }} order by {{ (['source'] + key) | join(', ') }}
        ) as place
    from {{ this }}
    where key_hash is not null
)

select
    row_id,
    key_hash,
    -1024 * shared_sk - place as {{ surrogate }}
from placed
where place > 1
{%- endset -%}
{{ update_rows(this, [surrogate], verdicts) }}
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
    post-hook of order_items: a line below zero lowers its order; an order whose lines are
    below zero together is a contradiction, and all of its lines are refused.
#}
{% macro refuse_orders_below_zero(column) -%}
{%- if execute -%}
{%- set fault = "'below_zero:" ~ column ~ "'" -%}
{%- set verdicts -%}
with standing as (
    select * from {{ this }}
    where own_fault is null
        and (fault is null or fault = {{ fault }})
),

summed as (
    select
        row_id,
        key_hash,
        fault as held_fault,
        case
            when sum({{ column }}) over (partition by order_sk) < 0 then {{ fault }}
        end as fault
    from standing
    where order_sk in (
            select order_sk from standing
            where {{ column }} < 0 or fault = {{ fault }}
        )
)

select
    row_id,
    key_hash,
    fault,
    {{ run_moment() }} as settled_at
from summed
where fault is distinct from held_fault
{%- endset -%}
{{ update_rows(this, ['fault', 'settled_at'], verdicts) }}
{%- endif -%}
{%- endmacro %}


{#
    post-hook of refunds: all rows of an order together, in the order of their days, are at
    most what was paid for it. The row that goes beyond gives what is left back (`allowed`) and
    is flagged; where nothing is left it is refused. A row that names a line that the order does
    not have is flagged, too.
#}
{% macro cap_at_paid(asked, allowed) -%}
{%- if execute -%}
{%- set fault = "'exceeds_paid:" ~ asked ~ "'" -%}
{%- set settled_columns = [
    'row_id', 'key_hash', 'held_fault', 'held_flagged', 'held_amount', 'fault', 'flagged', allowed,
] -%}
{%- set verdicts -%}
with standing as (
    select * from {{ this }}
    where own_fault is null
        and (fault is null or fault = {{ fault }})
),

paid as (
    {{ paid_for_orders('select order_sk from standing') | indent(4) }}
),

lines as (
    select distinct
        order_sk,
        line_number
    from {{ ref('order_items_checked') }}
    where fault is null
        and order_sk in (select order_sk from standing where line_number is not null)
),

asked_before as (
    select
        *,
        coalesce(
            sum({{ asked }}) over (
                partition by order_sk
                order by refund_date asc, refund_id asc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as amount_before
    from standing
),

capped as (
    select
        asked.row_id,
        asked.key_hash,
        asked.fault as held_fault,
        asked.flagged as held_flagged,
        asked.{{ allowed }} as held_amount,
        asked.{{ asked }} as asked_amount,
        least(
            asked.{{ asked }},
            greatest(coalesce(paid.net_amount, 0) - asked.amount_before, 0)
        ) as {{ allowed }},
        {{ without_cells('asked.flagged', ['exceeds_paid', 'unknown_line']) }} as cells,
        case
            when asked.line_number is not null and lines.order_sk is null
                then 'unknown_line:line_number'
        end as unknown_line
    from asked_before as asked
    left join paid on asked.order_sk = paid.order_sk
    left join lines
        on
            asked.order_sk = lines.order_sk
            and asked.line_number = lines.line_number
),

verdicts as (
    select
        *,
        case
            when {{ allowed }} = 0 and asked_amount > 0 then {{ fault }}
        end as fault,
        nullif(
            concat_ws(
                ',', cells, unknown_line,
                case when {{ allowed }} between 0.01 and asked_amount - 0.01 then {{ fault }} end
            ),
            ''
        ) as flagged
    from capped
),

-- A row that was capped and is now kept out for another reason is as if it had never been.
kept_out as (
    select
        row_id,
        key_hash,
        fault as held_fault,
        flagged as held_flagged,
        {{ allowed }} as held_amount,
        fault,
        {{ without_cells('flagged', ['exceeds_paid', 'unknown_line']) }} as flagged,
        {{ asked }} as {{ allowed }}
    from {{ this }}
    where own_fault is not null or fault != {{ fault }}
),

settled as (
    select {{ columns_of('verdicts', settled_columns) }} from verdicts
    union all
    select {{ columns_of('kept_out', settled_columns) }} from kept_out
)

select
    row_id,
    key_hash,
    fault,
    flagged,
    {{ allowed }},
    {{ run_moment() }} as settled_at
from settled
where fault is distinct from held_fault
    or flagged is distinct from held_flagged
    or {{ allowed }} is distinct from held_amount
{%- endset -%}
{{ update_rows(this, ['fault', 'flagged', allowed, 'settled_at'], verdicts) }}
{%- endif -%}
{%- endmacro %}
