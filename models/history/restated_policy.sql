-- Where the thresholds of a model are other ones now than they were when published, for
-- the same day. One row per publication, scope and model.
{{ config(materialized='view') }}
-- depends_on: {{ ref('tier_membership') }}
with readers (model, threshold) as (
    {{ tier_model_thresholds() }}
)

select distinct
    publications.publication_number,
    published.scope_id,
    readers.model
from {{ source('publications', 'publications') }} as publications
inner join {{ source('publications', 'published_thresholds') }} as published
    on publications.publication_number = published.publication_number
inner join readers on published.threshold = readers.threshold
left join {{ ref('threshold_periods') }} as known
    on
        publications.ruleset = known.ruleset
        and published.scope_id = known.scope_id
        and published.threshold = known.threshold
        and publications.as_of_date >= known.period_from
        and publications.as_of_date < coalesce(known.period_to, date '9999-12-31')
where published.value is distinct from known.value
