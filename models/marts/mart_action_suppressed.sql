-- Who was left off the day's list, and why: no way to reach them by the channel, still cooling down,
-- contacted often enough, another action first, or beyond the owner's day. Those that the medical team has are told in its
-- own file (mart_medical_actions). One row per customer, as-of date and action.
select
    held.customer_key,
    held.as_of_date,
    held.ruleset,
    held.clinic_id,
    held.owner,
    held.action,
    rules.label_en,
    rules.label_zh,
    held.kind,
    held.priority,
    held.held_by,
    reasons.label_en as held_by_label_en,
    reasons.label_zh as held_by_label_zh,
    held.due_on,
    held.expires_on,
    held.last_contact_date,
    case
        when held.held_by = 'cool_down'
            then {{ days_after('held.last_contact_date', 'held.cooldown_days') }}
    end as free_on,
    held.stake_amount
from {{ ref('action_candidates') }} as held
inner join {{ ref('action_rules') }} as rules
    on {{ named_equal('held', 'rules', ['as_of_date', 'ruleset', 'scope_id', 'action']) }}
inner join {{ ref('action_words') }} as reasons
    on held.held_by = reasons.code and reasons.kind = 'reason'
where
    held.ruleset = '{{ var("ruleset") }}'
    and held.kind != 'medical'
    and held.held_by != 'care_risk'
