-- From source record to person. The survivor is the record registered first, then by
-- source and id; its ids make the key. One row per source and customer id.
with records as (
    select
        customers.*,
        {{ hashed_key("customers.source || ':' || customers.customer_id") }}
            as record_key,
        coalesce(clusters.is_oversized, false) as is_oversized,
        case
            when clusters.is_oversized then customers.row_id
            else coalesce(clusters.component, customers.row_id)
        end as cluster_id
    from {{ ref('customers') }} as customers
    left join {{ ref('record_clusters') }} as clusters
        on customers.row_id = clusters.row_id
),

survivors as (
    select
        *,
        row_number() over (
            partition by cluster_id
            order by registered_date asc nulls last, source asc, customer_id asc
        ) as survivor_rank
    from records
),

keys as (
    select
        cluster_id,
        record_key as customer_key
    from survivors
    where survivor_rank = 1
)

select
    survivors.source,
    survivors.customer_id,
    keys.customer_key,
    survivors.record_key,
    survivors.survivor_rank,
    survivors.is_oversized,
    survivors.system,
    survivors.registered_date,
    survivors.acquisition_channel,
    survivors.home_clinic_id,
    survivors.motivation
from survivors
inner join keys on survivors.cluster_id = keys.cluster_id
