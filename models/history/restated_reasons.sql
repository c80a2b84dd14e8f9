-- What became known of the restated customers after they were published.
-- One row per publication and customer.
{{ config(materialized='view') }}
with merged as (
    select
        restated.publication_number,
        bridge.record_key,
        bridge.customer_key
    from {{ ref('published_customers') }} as restated
    inner join {{ ref('customer_bridge') }} as bridge
        on restated.customer_key = bridge.record_key
    where bridge.customer_key != bridge.record_key
),

fused as (
    select
        publication_number,
        record_key as customer_key
    from merged
    union
    select
        publication_number,
        customer_key
    from merged
),

facts as (
    select
        restated.publication_number,
        restated.customer_key,
        bool_or(facts.known_since > publications.believed_through) as has_late_facts,
        bool_or(
            facts.known_since <= publications.believed_through
        ) filter (where facts.deed is not null) as has_known_facts
    from {{ ref('restated_customers') }} as restated
    inner join {{ ref('kept_publications') }} as publications
        on restated.publication_number = publications.publication_number
    inner join {{ ref('customer_facts') }} as facts
        on
            restated.customer_key = facts.customer_key
            and publications.as_of_date >= facts.fact_date
            and publications.known_through >= facts.known_since
    group by restated.publication_number, restated.customer_key
)

select
    restated.publication_number,
    restated.customer_key,
    fused.customer_key is not null as is_merged,
    coalesce(facts.has_late_facts, false) as has_late_facts,
    coalesce(facts.has_known_facts, false) as has_known_facts
from {{ ref('restated_customers') }} as restated
left join fused
    on
        restated.publication_number = fused.publication_number
        and restated.customer_key = fused.customer_key
left join facts
    on
        restated.publication_number = facts.publication_number
        and restated.customer_key = facts.customer_key
