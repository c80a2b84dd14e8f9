-- From source record to person. The survivor is the record registered first, then by source
-- and id; its ids, with the installation's salt, make the key. One row per source and id.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key='record_sk',
    post_hook="delete from {{ this }} where record_sk not in (select record_sk from {{ ref('customers') }})"
) }}
{%- set columns = [
    'customer_sk', 'customer_key', 'survivor_rank', 'source_records', 'is_oversized', 'system',
    'registered_date', 'acquisition_channel', 'home_clinic_id', 'motivation',
] %}
with installation as (
    select coalesce(max(salt), '') as salt from {{ source('landing', 'installation') }}
),

records as (
    select
        customers.*,
        {{ hashed_key(
            "installation.salt || customers.source || ':' || customers.customer_id"
        ) }} as record_key,
        coalesce(clusters.is_oversized, false) as is_oversized,
        case
            when clusters.is_oversized then customers.record_sk
            else coalesce(clusters.component, customers.record_sk)
        end as cluster_id
    from {{ ref('customers') }} as customers
    cross join installation
    left join {{ ref('record_clusters') }} as clusters
        on customers.record_sk = clusters.record_sk
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
        order by registered_date asc nulls last, source asc, customer_id asc
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
