-- Records of one person, transitively; a cluster beyond the cap is flagged, not fused. What
-- links records: verified phones, WeChat unionids, explicit links.
-- One row per record that shares an identifier.
with pairs (node, neighbour) as (
    select
        record_sk,
        hub
    from {{ ref('shared_identifiers') }}
    where not is_overshared and record_sk != hub
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
