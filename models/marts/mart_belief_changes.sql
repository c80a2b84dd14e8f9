-- As believed then and as known now: tiers that were published otherwise than history
-- knows them today, with the cause. One row per publication, customer and model.
-- depends_on: {{ ref('customer_tiers') }}
with changes (
    publication_number, customer_key, was_known, is_known, is_split, is_merged,
    has_late_facts, has_known_facts, scope_id, model, believed_tier, known_tier
) as (
    {% for name in var('tier_models') %}
        select
            publication_number,
            customer_key,
            was_known,
            is_known,
            is_split,
            is_merged,
            has_late_facts,
            has_known_facts,
            scope_id,
            '{{ name }}',
            believed_{{ name }},
            known_{{ name }}
        from {{ ref('restated_customers') }}
        where
            believed_{{ name }} is distinct from known_{{ name }}
            and (not was_known or believed_{{ name }} is not null)
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

readers (model, threshold) as (
    {{ tier_model_thresholds() }}
),

repriced as (
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
)

select
    publications.run_id,
    publications.published_at,
    publications.as_of_date,
    publications.ruleset,
    changes.customer_key,
    changes.model,
    changes.believed_tier,
    changes.known_tier,
    case
        when changes.is_merged then 'merge'
        when not changes.is_known then 'withdrawn'
        when changes.is_split or not changes.was_known and changes.has_known_facts
            then 'unmerge'
        when changes.has_late_facts or not changes.was_known then 'late_data'
        when repriced.model is not null then 'threshold_change'
        else 'others'
    end as cause
from changes
inner join {{ source('publications', 'publications') }} as publications
    on changes.publication_number = publications.publication_number
left join repriced
    on
        changes.publication_number = repriced.publication_number
        and changes.scope_id = repriced.scope_id
        and changes.model = repriced.model
