-- Customers whom history now knows otherwise than they were published, in any model.
-- One row per publication and customer.
with publications as (
    select distinct
        publication_number,
        run_id,
        published_at,
        as_of_date,
        ruleset,
        believed_through,
        known_through
    from {{ ref('published_customers') }}
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
            as published_number,
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

select
    publications.*,
    compared.*
from compared
inner join publications
    on compared.published_number = publications.publication_number
where
    false
    {% for name in var('tier_models') %}
        or compared.believed_{{ name }} is distinct from compared.known_{{ name }}
    {% endfor %}
