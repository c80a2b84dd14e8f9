-- The tier models and their tiers in words: everybody's, without the medical team's.
-- One row per model and tier.
select
    tiers.model,
    models.label_en as model_label_en,
    models.label_zh as model_label_zh,
    tiers.tier,
    tiers.tier_rank,
    tiers.label_en,
    tiers.label_zh
from {{ ref('tiers') }} as tiers
inner join {{ ref('tier_models') }} as models on tiers.model = models.model
where models.audience = 'everybody'
