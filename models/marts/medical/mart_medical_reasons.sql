-- Why a customer is in each of their tiers, what the next one asks, what keeps the
-- present one and until when, in words; computed when asked; the medical models.
-- One row per customer, as-of date and model.
{{ config(materialized='view', contract={'enforced': false}, meta={'is_computed_when_asked': true}) }}
{{ reason_rows(
    ref('medical_reason_facts').include(database=false),
    ref('medical_reason_words').include(database=false),
    ref('medical_reason_labels').include(database=false),
    var('medical_tier_models')
) }}
