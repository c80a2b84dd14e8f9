-- Ids without a customer record that links in force join, over others or not, to one that
-- is known: records that the source merged away. `fault`: it is none any more.
-- One row per source and id.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='record_sk'
) }}
with links as (
    {{ staged_rows('customer_links') }}
),

newest as (
    select
        *,
        row_number() over (
            partition by source, link_id order by loaded_at desc, row_id desc
        ) as place
    from links
    where
        link_id is not null
        and customer_id != same_as_customer_id
        and coalesce(unparsable_cells, '') not like '%:is_active:%'
        and {{ file_of('row_id') }} not in (
            select withdrawn.file_id
            from {{ source('landing', 'withdrawn_files') }} as withdrawn
        )
),

-- A negative number, so that it is no raw row's: the lowest row that names the id.
ends (source, customer_id, record_sk) as (
    select
        source,
        customer_id,
        -1024 * row_id
    from links
    where customer_id is not null
    union all
    select
        source,
        same_as_customer_id,
        -1024 * row_id - 1
    from links
    where same_as_customer_id is not null
),

named as (
    select
        source,
        customer_id,
        {{ hash_of(['source', 'customer_id']) }} as key_hash,
        max(record_sk) as alias_sk
    from ends
    group by source, customer_id
),

nodes as (
    select
        named.*,
        coalesce(known.record_sk, named.alias_sk) as node,
        known.record_sk is not null as is_known
    from named
    left join {{ ref('customers_checked') }} as known
        on
            named.key_hash = known.key_hash
            and named.source = known.source
            and named.customer_id = known.customer_id
            and known.fault is null
),

pairs (node, neighbour) as (
    select
        ones.node,
        others.node as neighbour
    from newest
    inner join nodes as ones
        on newest.source = ones.source and newest.customer_id = ones.customer_id
    inner join nodes as others
        on
            newest.source = others.source
            and newest.same_as_customer_id = others.customer_id
    where newest.place = 1 and coalesce(newest.is_active, true)
),

components as (
    {{ connected_components('pairs') }}
),

judged as (
    select
        nodes.alias_sk as record_sk,
        nodes.source,
        nodes.customer_id,
        nodes.key_hash,
        case
            when
                nodes.is_known
                or components.component is null
                or not bool_or(nodes.is_known) over (partition by components.component)
                then 'withdrawn:'
        end as fault
    from nodes
    left join components on nodes.node = components.node
)

select
    judged.*,
    {{ run_moment() }} as settled_at
from judged
{% if is_incremental() -%}
left join {{ this }} as held on judged.record_sk = held.record_sk
where
    (held.record_sk is null and judged.fault is null)
    or (held.record_sk is not null and judged.fault is distinct from held.fault)
{%- else -%}
where judged.fault is null
{%- endif %}
