-- Medical need and care risk with the facts that decide them, for the medical team
-- only: published in a file of its own. One row per customer and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
select
    measures.customer_key,
    measures.as_of_date,
    care_risk.ruleset,
    care_risk.tier as care_risk_tier,
    care_risk_labels.label_en as care_risk_label_en,
    care_risk_labels.label_zh as care_risk_label_zh,
    medical_need.tier as medical_need_tier,
    medical_need_labels.label_en as medical_need_label_en,
    medical_need_labels.label_zh as medical_need_label_zh,
    measures.moisture_pct,
    measures.pigmentation_pct,
    measures.collagen_density_pct,
    measures.uv_damage_index,
    measures.skin_problem_index,
    measures.postop_satisfaction_score,
    cast(measures.complications_365 as integer) as complications_365,
    cast(measures.overdue_follow_ups_365 as integer) as overdue_follow_ups_365
from {{ ref('medical_measures') }} as measures
inner join {{ ref('tier_care_risk') }} as care_risk
    on
        {{ same_customer('measures', 'care_risk') }}
        and care_risk.ruleset = '{{ var("ruleset") }}'
inner join {{ ref('tier_medical_need') }} as medical_need
    on {{ same_placement('care_risk', 'medical_need') }}
left join {{ ref('tiers') }} as care_risk_labels
    on
        care_risk.tier = care_risk_labels.tier
        and care_risk_labels.model = 'care_risk'
left join {{ ref('tiers') }} as medical_need_labels
    on
        medical_need.tier = medical_need_labels.tier
        and medical_need_labels.model = 'medical_need'
