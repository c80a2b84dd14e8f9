-- Customers that history now knows otherwise than they were published, in any model, and
-- what became known of them since. One row per publication and customer.
with believed as (
    select * from {{ ref('published_customers') }}
),

publications as (
    select distinct
        publication_number,
        as_of_date,
        ruleset,
        believed_through,
        known_through
    from believed
),

known as (
    select
        snapshots.*,
        publications.publication_number
    from publications
    inner join {{ ref('customer_snapshots') }} as snapshots
        on
            publications.as_of_date = snapshots.as_of_date
            and publications.ruleset = snapshots.ruleset
),

compared as (
    select
        known.scope_id,
        {% for name in var('tier_models') %}
            believed.{{ name }}_tier as believed_{{ name }},
            known.{{ name }}_tier as known_{{ name }},
        {% endfor %}
        coalesce(known.publication_number, believed.publication_number)
            as publication_number,
        coalesce(known.customer_key, believed.customer_key) as customer_key,
        believed.customer_key is not null as was_known,
        known.customer_key is not null as is_known,
        coalesce(known.source_records < believed.source_records, false) as is_split
    from believed
    full outer join known
        on
            believed.publication_number = known.publication_number
            and believed.customer_key = known.customer_key
),

restated as (
    select * from compared
    where
        false
        {% for name in var('tier_models') %}
            or believed_{{ name }} is distinct from known_{{ name }}
        {% endfor %}
),

merged as (
    select
        believed.publication_number,
        bridge.record_key,
        bridge.customer_key
    from believed
    inner join {{ ref('customer_bridge') }} as bridge
        on believed.customer_key = bridge.record_key
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
            and facts.deed is not null
        ) as has_known_facts
    from restated
    inner join publications
        on restated.publication_number = publications.publication_number
    inner join {{ ref('customer_facts') }} as facts
        on
            restated.customer_key = facts.customer_key
            and publications.as_of_date >= facts.fact_date
            and publications.known_through >= facts.known_since
    group by restated.publication_number, restated.customer_key
)

select
    restated.*,
    fused.customer_key is not null as is_merged,
    coalesce(facts.has_late_facts, false) as has_late_facts,
    coalesce(facts.has_known_facts, false) as has_known_facts
from restated
left join fused
    on
        restated.publication_number = fused.publication_number
        and restated.customer_key = fused.customer_key
left join facts
    on
        restated.publication_number = facts.publication_number
        and restated.customer_key = facts.customer_key
