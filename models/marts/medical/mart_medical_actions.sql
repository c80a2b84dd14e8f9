-- What the medical team is to do today and why, and the sales and medical actions that care
-- risk, a call or capacity holds back; for the medical team only.
-- One row per customer, as-of date and action.
with listed as (
    select
        {{ columns_of('candidates', [
            'customer_key', 'as_of_date', 'ruleset', 'scope_id', 'clinic_id', 'owner', 'place',
            'action', 'kind', 'priority', 'item', 'began_on', 'due_on', 'expires_on',
            'stake_amount', 'last_contact_date', 'held_by', 'tier',
        ]) }},
        -- What care risk holds back is told with its reason, not with that of the action.
        case
            when candidates.held_by = 'care_risk' then 'tier_held' else candidates.rule
        end as rule,
        case
            when candidates.held_by = 'care_risk' then 'care_risk' else candidates.model
        end as model
    from {{ ref('action_candidates') }} as candidates
    where
        candidates.ruleset = '{{ var("ruleset") }}'
        and (
            candidates.kind = 'medical'
            or coalesce(candidates.held_by = 'care_risk', false)
        )
),

reasons as (
    {{ reason_rows(
        ref('medical_reason_facts'), ref('medical_reason_words'), ref('medical_reason_labels'),
        var('medical_tier_models'), 'listed'
    ) | indent(4) }}
)

{{ action_rows('listed', 'reasons', is_medical=true) }}
