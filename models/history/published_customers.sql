-- What each customer was published as, in each publication whose day history keeps, and
-- until when rows were loaded for what was believed and for what is known now.
-- One row per publication and customer in it.
{{ config(materialized='view') }}
with publications as (
    select
        published.publication_number,
        published.as_of_date,
        published.ruleset,
        published.loaded_through as believed_through,
        snapshots.loaded_through as known_through
    from {{ source('publications', 'publications') }} as published
    inner join {{ ref('snapshot_days') }} as snapshots
        on
            published.as_of_date = snapshots.as_of_date
            and published.ruleset = snapshots.ruleset
    where published.ruleset = '{{ var("ruleset") }}'
),

states as (
    select
        *,
        lead(publication_number) over (
            partition by customer_key order by publication_number asc
        ) as next_number
    from {{ source('publications', 'published_tiers') }}
)

select
    publications.publication_number,
    publications.as_of_date,
    publications.ruleset,
    publications.believed_through,
    publications.known_through,
    states.customer_key,
    {% for name in var('tier_models') %}
        states.{{ name }}_tier,
    {% endfor %}
    states.source_records
from publications
inner join states
    on
        publications.publication_number >= states.publication_number
        and publications.publication_number
        < coalesce(states.next_number, publications.publication_number + 1)
where states.is_known
