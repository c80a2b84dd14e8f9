-- What each customer was published as, in each publication whose day history keeps.
-- One row per publication and customer in it.
{{ config(materialized='view') }}
with states as (
    select
        *,
        lead(publication_number) over (
            partition by customer_key order by publication_number asc
        ) as next_number
    from {{ source('publications', 'published_tiers') }}
)

select
    publications.publication_number,
    states.customer_key,
    {% for name in var('tier_models') %}
        states.{{ name }}_tier,
    {% endfor %}
    states.source_records
from {{ ref('kept_publications') }} as publications
inner join states
    on
        publications.publication_number >= states.publication_number
        and publications.publication_number
        < coalesce(states.next_number, publications.publication_number + 1)
where states.is_known
