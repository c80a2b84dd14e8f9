-- From source record to person: shared identifiers and links join records, transitively. The
-- survivor is the record registered first, then by source and id; its ids, with the
-- installation's salt, make the key. One row per source and id.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='record_sk',
    post_hook="delete from {{ this }} where record_sk not in ("
        "select record_sk from {{ ref('customers') }} union "
        "select record_sk from {{ ref('customer_aliases') }} where fault is null)"
) }}
{%- set columns = [
    'customer_sk', 'customer_key', 'survivor_rank', 'source_records', 'is_oversized', 'system',
    'registered_date', 'acquisition_channel', 'home_clinic_id', 'motivation',
] %}
with installation as (
    select coalesce(max(salt), '') as salt from {{ source('landing', 'installation') }}
),

pairs (node, neighbour) as (
    select
        record_sk,
        hub
    from {{ ref('shared_identifiers') }}
    where verdict = 'one_person' and record_sk != hub
    union all
    select
        record_sk,
        same_as_record_sk
    from {{ ref('customer_links') }}
    where coalesce(is_active, true)
),

components as (
    {{ connected_components('pairs') }}
),

-- A cluster beyond the cap is flagged, not fused.
clusters as (
    select
        *,
        count(*) over (partition by component)
        > {{ input_limit('max_cluster_records') }} as is_oversized
    from components
),

-- A record that its source merged away and deleted has nothing but its id.
known as (
    select
        record_sk,
        source,
        customer_id,
        false as is_alias,
        system,
        registered_date,
        acquisition_channel,
        home_clinic_id,
        motivation
    from {{ ref('customers') }}
    union all
    select
        record_sk,
        source,
        customer_id,
        true as is_alias,
        null as system,
        null as registered_date,
        null as acquisition_channel,
        null as home_clinic_id,
        null as motivation
    from {{ ref('customer_aliases') }}
    where fault is null
),

records as (
    select
        known.*,
        {{ hashed_key("installation.salt || known.source || ':' || known.customer_id") }}
            as record_key,
        coalesce(clusters.is_oversized, false) as is_oversized,
        case
            when clusters.is_oversized then known.record_sk
            else coalesce(clusters.component, known.record_sk)
        end as cluster_id
    from known
    cross join installation
    left join clusters on known.record_sk = clusters.node
),

ranked as (
    select
        *,
        row_number() over survivors as survivor_rank,
        first_value(record_sk) over survivors as customer_sk,
        first_value(record_key) over survivors as customer_key,
        count(*) over (partition by cluster_id) as source_records
    from records
    window survivors as (
        partition by cluster_id
        order by
            is_alias asc, registered_date asc nulls last, source asc, customer_id asc
    )
)

select
    ranked.record_sk,
    ranked.record_key,
    ranked.source,
    ranked.customer_id,
    {%- for column in columns %}
    ranked.{{ column }},
    {%- endfor %}
    {{ run_moment() }} as settled_at
from ranked
{% if is_incremental() -%}
left join {{ this }} as held on ranked.record_sk = held.record_sk
where held.record_sk is null
    {%- for column in columns %}
    or ranked.{{ column }} is distinct from held.{{ column }}
    {%- endfor %}
{%- endif %}
