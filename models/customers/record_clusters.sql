-- Records of one person, transitively; a cluster beyond the cap is flagged, not fused.
-- One row per record that shares an identifier.
with members as (
    select
        identifiers.row_id,
        identifiers.identifier_type,
        identifiers.identifier,
        min(identifiers.row_id) over (
            partition by identifiers.identifier_type, identifiers.identifier
        ) as hub
    from {{ ref('customer_identifiers') }} as identifiers
    inner join {{ ref('shared_identifiers') }} as shared
        on
            identifiers.identifier_type = shared.identifier_type
            and identifiers.identifier = shared.identifier
    where not shared.is_overshared
),

edges as (
    select
        row_id as node,
        hub as neighbour
    from members
    union
    select
        hub as node,
        row_id as neighbour
    from members
),

components as (
    {{ connected_components('edges') }}
)

select
    node as row_id,
    component,
    count(*) over (partition by component) as cluster_records,
    count(*) over (partition by component)
    > {{ input_limit('max_cluster_records') }} as is_oversized
from components
