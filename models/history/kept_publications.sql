-- The publications whose day history keeps, and until when rows were loaded for what
-- was believed and for what is known now. One row per publication.
{{ config(materialized='view') }}
select
    published.publication_number,
    published.run_id,
    published.published_at,
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
