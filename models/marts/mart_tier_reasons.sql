-- Why a customer is in each of her tiers, what the next one asks, what keeps the
-- present one and until when: computed when asked; the active rule set, without the
-- medical models. Filter on the customer. One row per customer, as-of date and model.
{{ config(materialized='view', meta={'is_computed_when_asked': true}) }}
select
    reasons.customer_key,
    reasons.as_of_date,
    reasons.ruleset,
    reasons.model,
    models.label_en as model_label_en,
    models.label_zh as model_label_zh,
    models.question_en,
    models.question_zh,
    reasons.tier,
    reasons.tier_rank,
    reasons.tier_label_en,
    reasons.tier_label_zh,
    reasons.why_en,
    reasons.why_zh,
    reasons.next_tier,
    reasons.next_label_en,
    reasons.next_label_zh,
    reasons.missing_en,
    reasons.missing_zh,
    reasons.keeps_en,
    reasons.keeps_zh,
    reasons.lapses_on,
    reasons.falls_to
from {{ ref('tier_reasons') }} as reasons
inner join {{ ref('tier_models') }} as models
    on reasons.model = models.model
where
    reasons.ruleset = '{{ var("ruleset") }}'
    and models.audience = 'everybody'
