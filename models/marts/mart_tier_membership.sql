-- Every customer's tier in every model, in the long form that BI likes; the active rule
-- set, without the medical models. One row per customer, as-of date and model.
{{ config(materialized='view') }}
select
    membership.customer_key,
    membership.as_of_date,
    membership.ruleset,
    membership.model,
    models.label_en as model_label_en,
    models.label_zh as model_label_zh,
    membership.tier,
    membership.tier_rank,
    labels.label_en as tier_label_en,
    labels.label_zh as tier_label_zh
from {{ ref('tier_membership') }} as membership
inner join {{ ref('tier_models') }} as models
    on membership.model = models.model
left join {{ ref('tiers') }} as labels
    on membership.model = labels.model and membership.tier = labels.tier
where
    membership.ruleset = '{{ var("ruleset") }}'
    and models.audience = 'everybody'
