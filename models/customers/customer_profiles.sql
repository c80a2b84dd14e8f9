-- The person: the best known attributes over her records, the survivor's first.
-- One row per customer. No personal data.
{{ config(meta={'recompute': 'customer'}) }}
select
    customer_key,
    min(registered_date) as registered_date,
    arg_min(acquisition_channel, survivor_rank) as acquisition_channel,
    arg_min(home_clinic_id, survivor_rank) as home_clinic_id,
    arg_min(motivation, survivor_rank) as motivation,
    count(*) as source_records,
    bool_or(is_oversized) as is_oversized_cluster
from {{ ref('customer_bridge') }}
group by customer_key
