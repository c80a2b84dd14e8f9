-- Records of one person, transitively; a cluster beyond the cap is flagged, not fused. What
-- links records: verified phones, WeChat unionids, explicit links.
-- One row per record that shares an identifier.
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

-- What too many records share (a clinic's own phone) means no person.
shared as (
    select
        identifier_type,
        identifier,
        min(record_sk) as hub
    from identifiers
    group by identifier_type, identifier
    having count(*) between 2 and {{ input_limit('max_cluster_records') }}
),

pairs (node, neighbour) as (
    select
        identifiers.record_sk,
        shared.hub
    from identifiers
    inner join shared
        on
            identifiers.identifier_type = shared.identifier_type
            and identifiers.identifier = shared.identifier
    where identifiers.record_sk != shared.hub
    union all
    select
        record_sk,
        same_as_record_sk
    from {{ ref('customer_links') }}
    where is_active
),

edges as (
    select
        node,
        neighbour
    from pairs
    union
    select
        neighbour as node,
        node as neighbour
    from pairs
),

components as (
    {{ connected_components('edges') }}
)

select
    node as record_sk,
    component,
    count(*) over (partition by component) as cluster_records,
    count(*) over (partition by component)
    > {{ input_limit('max_cluster_records') }} as is_oversized
from components
