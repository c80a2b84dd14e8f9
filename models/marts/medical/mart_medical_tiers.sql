-- Medical need and care risk with the facts that decide them, for the medical team
-- only: published in a file of its own. One row per customer and as-of date.
select
    tiers.customer_key,
    tiers.as_of_date,
    tiers.ruleset,
    tiers.care_risk_tier,
    care_risk_labels.label_en as care_risk_label_en,
    care_risk_labels.label_zh as care_risk_label_zh,
    tiers.medical_need_tier,
    medical_need_labels.label_en as medical_need_label_en,
    medical_need_labels.label_zh as medical_need_label_zh,
    tiers.moisture_pct,
    tiers.pigmentation_pct,
    tiers.collagen_density_pct,
    tiers.uv_damage_index,
    tiers.skin_problem_index,
    tiers.postop_satisfaction_score,
    cast(tiers.complications_365 as integer) as complications_365,
    cast(tiers.overdue_follow_ups_365 as integer) as overdue_follow_ups_365
from {{ ref('medical_tiers') }} as tiers
{% for name in ['care_risk', 'medical_need'] %}
    left join {{ ref('tiers') }} as {{ name }}_labels
        on
            tiers.{{ name }}_tier = {{ name }}_labels.tier
            and {{ name }}_labels.model = '{{ name }}'
{% endfor %}
where tiers.ruleset = '{{ var("ruleset") }}'
