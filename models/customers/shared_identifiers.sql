-- Verified phones and WeChat unionids that several records share. What too many share (a
-- clinic's own phone) means no person. One row per record and identifier. Personal data.
{{ config(materialized='view') }}
with identifiers (record_sk, identifier_type, identifier) as (
    select
        record_sk,
        'phone',
        phone
    from {{ ref('customers') }}
    where is_phone_verified and phone is not null
    union all
    select
        record_sk,
        'wechat_unionid',
        wechat_unionid
    from {{ ref('customers') }}
    where wechat_unionid is not null
),

shared as (
    select
        identifier_type,
        identifier,
        count(*) as record_count,
        min(record_sk) as hub
    from identifiers
    group by identifier_type, identifier
    having count(*) > 1
)

select
    identifiers.record_sk,
    identifiers.identifier_type,
    identifiers.identifier,
    shared.record_count,
    shared.hub,
    shared.record_count > {{ input_limit('max_cluster_records') }} as is_overshared
from identifiers
inner join shared
    on
        identifiers.identifier_type = shared.identifier_type
        and identifiers.identifier = shared.identifier
