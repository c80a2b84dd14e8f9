-- What the medical team's models read; null where the feed is missing.
-- One row per customer and as-of date. Medical data: never in customer_measures.
select
    measures.customer_key,
    measures.as_of_date,
    measures.scope_id,
    measures.purchases_lifetime,
    measures.latest_nps_score,
    measures.skin_tests_lifetime,
    skin.moisture_pct,
    skin.pigmentation_pct,
    skin.collagen_density_pct,
    skin.uv_damage_index,
    skin.skin_problem_index,
    aftercare.postop_satisfaction_score,
    case
        when {{ is_fed('treatment_outcomes') }}
            then coalesce(outcome.outcomes_lifetime, 0)
    end as outcomes_lifetime,
    {{ windowed_columns('outcome', 'complications', feed='treatment_outcomes') }},
    {{ windowed_columns('outcome', 'overdue_follow_ups', feed='treatment_outcomes') }}
from {{ ref('customer_measures') }} as measures
left join {{ ref('measures_skin') }} as skin
    on {{ same_customer('measures', 'skin') }}
left join {{ ref('measures_outcome') }} as outcome
    on {{ same_customer('measures', 'outcome') }}
left join {{ ref('measures_aftercare') }} as aftercare
    on {{ same_customer('measures', 'aftercare') }}
