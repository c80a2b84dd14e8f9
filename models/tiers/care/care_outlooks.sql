-- Until when the care risk is kept if nothing happens, and what comes then: answers and
-- records grow too old, follow-ups come due. Medical data.
-- One row per customer, as-of date and rule set whose care risk changes with time.
{{ config(materialized='view') }}
{%- set key = ['customer_sk', 'as_of_date', 'ruleset'] %}
with policy as (
    {{ policy_columns(thresholds_of_ladders(['care_risk'], 'medical_measures')) }}
),

present as (
    select
        {{ named_columns('tiers', key + ['scope_id', 'care_risk_tier']) }},
        tiers.postop_satisfaction_score,
        tiers.latest_nps_score,
        feedback.satisfaction_days_ago,
        feedback.nps_days_ago,
        policy.care_window
    from {{ ref('medical_tiers') }} as tiers
    inner join policy on {{ policy_of('tiers', per_ruleset=true) }}
    left join {{ ref('measures_engagement') }} as feedback
        on {{ same_customer('tiers', 'feedback') }}
),

noted as (
    select
        {{ named_columns('present', key) }},
        present.care_window,
        outcomes.outcome_date,
        outcomes.follow_up_due_date,
        outcomes.has_complication,
        coalesce(outcomes.is_follow_up_kept, false) as is_kept
    from present
    inner join {{ ref('customer_bridge') }} as bridge
        on present.customer_sk = bridge.customer_sk
    inner join {{ ref('treatment_outcomes') }} as outcomes
        on
            bridge.record_sk = outcomes.record_sk
            and present.as_of_date >= outcomes.outcome_date
),

-- The days on which something grows too old or comes due.
days as (
    {% for ago in ['satisfaction_days_ago', 'nps_days_ago'] %}
        select
            {{ key | join(', ') }},
            {{ days_after('as_of_date', 'care_window + 1 - ' ~ ago) }} as coming_day
        from present
        where care_window > 0
        union
    {% endfor %}
    {% for day in [
        days_after('outcome_date', 'care_window + 1'),
        days_after('follow_up_due_date', 'care_window + 1'),
        days_after('follow_up_due_date', 1),
    ] %}
        select
            {{ key | join(', ') }},
            {{ day }}
        from noted
        {{ 'where care_window > 0' if not loop.last }}
        {{ 'union' if not loop.last }}
    {% endfor %}
),

counts as (
    {%- set age = days_between('noted.outcome_date', 'days.coming_day') %}
    select
        {{ named_columns('days', key + ['coming_day']) }},
        {{ windowed('count(*)', 'outcomes', age) }},
        {{ windowed('count(*)', 'complications', age, where='noted.has_complication') }},
        {{ windowed(
            'count(*)', 'overdue_follow_ups',
            days_between('noted.follow_up_due_date', 'days.coming_day'),
            where='not noted.is_kept and noted.follow_up_due_date < days.coming_day'
        ) }}
    from days
    left join noted on {{ named_equal('days', 'noted', key) }}
    where days.coming_day > days.as_of_date
    group by {{ named_columns('days', key + ['coming_day']) }}
),

measures as (
    select
        {{ named_columns('present', key + ['scope_id', 'care_risk_tier']) }},
        counts.coming_day,
        {% for name, score, ago in [
            ('recent_satisfaction', 'postop_satisfaction_score', 'satisfaction_days_ago'),
            ('recent_nps', 'latest_nps_score', 'nps_days_ago'),
        ] %}
            {%- set then = days_between('present.as_of_date', 'counts.coming_day') %}
            {% for column, window in held_windows(name) %}
                case
                    when present.{{ ago }} + {{ then }} <= {{ window }}
                        then present.{{ score }}
                end as {{ column }},
            {% endfor %}
        {% endfor %}
        {% for name in ['outcomes', 'complications', 'overdue_follow_ups'] %}
            {{ columns_of('counts', held_names(name)) }}{{ ',' if not loop.last }}
        {% endfor %}
    from counts
    inner join present on {{ named_equal('counts', 'present', key) }}
),

placed as (
    select
        {{ named_columns('measures', key + ['coming_day']) }},
        measures.care_risk_tier as tier_now
        {{ tier_columns(['care_risk'], 'medical_measures') }}
    from measures
    inner join policy on {{ policy_of('measures', per_ruleset=true) }}
)

select
    {{ key | join(', ') }},
    min(coming_day) as lapses_on,
    {{ value_at_min('care_risk_tier', ['coming_day']) }} as falls_to
from placed
where care_risk_tier != tier_now
group by {{ key | join(', ') }}
