-- The halves of sentences that make up a reason: why she is there, what the next rung
-- still asks, how to leave her own, what she does to keep it.
-- One row per customer, as-of date, rule set and model with a condition in sight.
{{ config(materialized='view') }}
{%- set words = {
    'en': {'all': '; ', 'and': ', and ', 'or': ' or ', 'open': '(', 'close': ')'},
    'zh': {'all': '；', 'and': '，且', 'or': ' 或 ', 'open': '（', 'close': '）'},
} %}
with groups as (
    select
        customer_key,
        as_of_date,
        ruleset,
        model,
        role,
        condition_group,
        bool_or(is_left_out) as is_left_out,
        bool_or(is_group_met) as is_met,
        max(alternatives) as alternatives,
        bool_and(is_actionable or not is_met) as can_be_left,
        {% for language, word in words.items() %}
            {{ joined_text('fact_' ~ language, word.all, 'condition_number') }}
                filter (where is_met and not (course = 'grace' and value <= 0))
                as facts_{{ language }},
            {{ joined_text('fact_' ~ language, word.all, 'condition_number') }}
                as all_facts_{{ language }},
            {{ joined_text('step_' ~ language, word['or'], 'condition_number') }}
                filter (where is_offered and role = 'next') as ways_{{ language }},
            {{ joined_text('step_' ~ language, word['and'], 'condition_number') }}
                filter (where is_met and role = 'holds') as exits_{{ language }},
        {% endfor %}
        min(act) filter (where is_kept_by_act and not is_late) as kept_by
    from {{ ref('tier_steps') }}
    group by customer_key, as_of_date, ruleset, model, role, condition_group
)

select
    customer_key,
    as_of_date,
    ruleset,
    model,
    min(kept_by) as kept_by,
    {% for language, word in words.items() %}
        {{ joined_text('facts_' ~ language, word.all, 'condition_group') }}
            filter (where role = 'holds') as why_{{ language }},
        {{ joined_text('all_facts_' ~ language, word.all, 'condition_group') }}
            filter (where role = 'next' and not is_met) as short_{{ language }},
        {{ joined_text(
            "case when alternatives > 1 then '" ~ word.open ~ "' || ways_" ~ language
            ~ " || '" ~ word.close ~ "' else ways_" ~ language ~ ' end',
            word['and'], 'condition_group'
        ) }} filter (where role = 'next' and not is_left_out) as steps_{{ language }},
        {{ joined_text('exits_' ~ language, word['or'], 'condition_group') }}
            filter (where role = 'holds' and can_be_left)
            as exits_{{ language }}{{ ',' if not loop.last }}
    {% endfor %}
from groups
group by customer_key, as_of_date, ruleset, model
