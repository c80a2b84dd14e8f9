-- As believed then and as known now: tiers that were published otherwise than history
-- knows them today, with the cause. One row per publication, customer and model.
with changes (
    publication_number, customer_key, was_known, is_known, is_split, scope_id,
    model, believed_tier, known_tier
) as (
    {% for name in var('tier_models') %}
        select
            publication_number,
            customer_key,
            was_known,
            is_known,
            is_split,
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
        when reasons.is_merged then 'merge'
        when not changes.is_known then 'withdrawn'
        when changes.is_split or not changes.was_known and reasons.has_known_facts
            then 'unmerge'
        when reasons.has_late_facts or not changes.was_known then 'late_data'
        when repriced.model is not null then 'threshold_change'
        else 'others'
    end as cause
from changes
inner join {{ ref('kept_publications') }} as publications
    on changes.publication_number = publications.publication_number
inner join {{ ref('restated_reasons') }} as reasons
    on
        changes.publication_number = reasons.publication_number
        and changes.customer_key = reasons.customer_key
left join {{ ref('restated_policy') }} as repriced
    on
        changes.publication_number = repriced.publication_number
        and changes.scope_id = repriced.scope_id
        and changes.model = repriced.model
