-- Customers whom history now knows otherwise than they were published, in any model.
-- One row per publication and customer.
{{ config(meta={'recompute': 'customer'}) }}
with known as (
    select
        snapshots.*,
        publications.publication_number
    from {{ ref('kept_publications') }} as publications
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
    from {{ ref('published_customers') }} as believed
    full outer join known
        on
            believed.publication_number = known.publication_number
            and believed.customer_key = known.customer_key
)

select *
from compared
where
    false
    {% for name in var('tier_models') %}
        or believed_{{ name }} is distinct from known_{{ name }}
    {% endfor %}
