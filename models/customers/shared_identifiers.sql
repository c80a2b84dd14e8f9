-- Identifiers that several records share, and whether too many do (a clinic's own
-- phone). One row per identifier. Personal data.
select
    identifier_type,
    identifier,
    count(*) as record_count,
    count(*) > {{ input_limit('max_cluster_records') }} as is_overshared
from {{ ref('customer_identifiers') }}
group by identifier_type, identifier
having count(*) > 1
