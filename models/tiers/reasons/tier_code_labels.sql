-- The codes that ladders compare, in words: tiers of other models by their own labels,
-- other codes by the rung that asks for them. One row per measure and code.
{{ config(materialized='view') }}
select
    tiers.model || '_tier' as measure,
    tiers.tier as code,
    tiers.label_en,
    tiers.label_zh,
    models.label_en as model_en,
    models.label_zh as model_zh
from {{ ref('tiers') }} as tiers
inner join {{ ref('tier_models') }} as models
    on tiers.model = models.model
union all
select
    rules.measure,
    rules.target_code as code,
    tiers.label_en,
    tiers.label_zh,
    null as model_en,
    null as model_zh
from {{ ref('tier_rules') }} as rules
inner join {{ ref('tiers') }} as tiers
    on rules.model = tiers.model and rules.rung = tiers.tier
where rules.asks_for = 'code' and rules.measure not like '%\_tier' escape '\'
