-- The conditions in words, with what may be left out: an alternative that nothing she
-- does brings about, a step that another one takes anyway.
-- One row per customer, as-of date, rule set, model and condition.
{{ config(materialized='view') }}
{%- set rung = 'customer_key, as_of_date, ruleset, model, role' %}
with offered as (
    select
        *,
        is_actionable or not bool_or(is_actionable) over (
            partition by {{ rung }}, condition_group
        ) as is_offered,
        coalesce(bool_or(role = 'next' and not is_met and course = 'ages') over (
            partition by customer_key, as_of_date, ruleset, model, act
        ), false) as is_late,
        role = 'holds' and is_met and (
            (course = 'ages' and wants in ('>', '>='))
            or (course = 'window' and wants in ('<', '<='))
        ) as is_kept_by_act
    from {{ ref('tier_condition_words') }}
),

counted as (
    select
        *,
        count(*) filter (where is_offered) over (
            partition by {{ rung }}, condition_group
        ) as alternatives,
        bool_or(is_met) over (partition by {{ rung }}, condition_group) as is_group_met
    from offered
),

compared as (
    select
        *,
        -- Coming once more is part of coming three times more.
        course = 'ages' and wants in ('<=', '<')
        and bool_or(
            not is_group_met and alternatives = 1 and is_actionable
            and wants in ('>=', '>') and act is not null
        ) over (partition by {{ rung }}, act) as is_part_of_another,
        -- One of several ways that another group asks for in any case.
        alternatives > 1 and bool_or(
            not is_group_met and is_offered and alternatives = 1
        ) over (partition by {{ rung }}, step_en) as is_asked_elsewhere,
        alternatives = 1 and is_offered and row_number() over (
            partition by {{ rung }}, is_group_met, alternatives, is_offered, step_en
            order by condition_number
        ) > 1 as is_repeated
    from counted
)

select
    {{ ladder_key() }},
    {{ step_columns() }},
    is_group_met or bool_or(
        is_part_of_another or is_repeated or (is_offered and is_asked_elsewhere)
    ) over (partition by {{ rung }}, condition_group) as is_left_out
from compared
