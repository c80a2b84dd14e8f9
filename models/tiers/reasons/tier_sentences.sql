-- The halves of sentences that make up a reason: why she is there, what the next rung
-- still asks, how to leave her own, what she does to keep it.
-- One row per customer, as-of date, rule set and model with a condition in sight.
{{ config(materialized='view') }}
with groups as (
    select
        {{ ladder_key() }},
        role,
        condition_group,
        bool_or(is_left_out) as is_left_out,
        bool_or(is_group_met) as is_met,
        max(alternatives) as alternatives,
        bool_and(is_actionable or not is_met) as can_be_left,
        {{ group_sentences() }},
        min(act) filter (where is_kept_by_act and not is_late) as kept_by
    from {{ ref('tier_steps') }}
    group by customer_key, as_of_date, ruleset, model, role, condition_group
)

select
    {{ ladder_key() }},
    min(kept_by) as kept_by,
    {{ whole_sentences() }}
from groups
group by customer_key, as_of_date, ruleset, model
