-- What the medical team's models read; null where the feed is missing.
-- One row per customer and as-of date. Medical data: never in customer_measures.
{{ config(materialized='view') }}
with fed as (
    select {{ is_fed('treatment_outcomes') }} as treatment_outcomes
)

select
    measures.customer_sk,
    measures.customer_key,
    measures.as_of_date,
    measures.scope_id,
    measures.clinic_id,
    measures.purchases_lifetime,
    measures.latest_nps_score,
    measures.skin_tests_lifetime,
    {{ columns_of('medical', [
        'moisture_pct', 'pigmentation_pct', 'collagen_density_pct', 'uv_damage_index',
        'skin_problem_index',
    ]) }},
    feedback.postop_satisfaction_score,
    -- The latest answer, if it was given within the window.
    {% for name, score, day in [
        ('recent_satisfaction', 'postop_satisfaction_score', 'satisfaction_days_ago'),
        ('recent_nps', 'latest_nps_score', 'nps_days_ago'),
    ] %}
        {% for column, window in held_windows(name) %}
            case when feedback.{{ day }} <= {{ window }} then feedback.{{ score }} end
                as {{ column }},
        {% endfor %}
    {% endfor %}
    {{ windowed_columns('medical', 'outcomes', fed='fed.treatment_outcomes') }},
    {{ windowed_columns('medical', 'complications', fed='fed.treatment_outcomes') }},
    {{ windowed_columns('medical', 'overdue_follow_ups', fed='fed.treatment_outcomes') }}
from {{ ref('customer_measures') }} as measures
cross join fed
left join {{ ref('measures_medical') }} as medical
    on {{ same_customer('measures', 'medical') }}
left join {{ ref('measures_engagement') }} as feedback
    on {{ same_customer('measures', 'feedback') }}
