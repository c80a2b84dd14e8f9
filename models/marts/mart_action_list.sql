-- The day's list: what is to be done with which customers, by which owner, until when and why; the
-- active rule set, without what the medical team does. One row per customer, as-of date
-- and action.
with listed as (
    select * from {{ ref('action_candidates') }}
    where ruleset = '{{ var("ruleset") }}' and held_by is null and kind != 'medical'
),

reasons as (
    {{ reason_rows(
        ref('reason_facts'), ref('reason_words'), ref('reason_labels'), var('tier_models'), 'listed'
    ) | indent(4) }}
)

{{ action_rows('listed', 'reasons') }}
