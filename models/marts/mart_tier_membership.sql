-- Every customer's tier in every model, in the long form that BI likes; the active rule
-- set, without the medical models. One row per customer, as-of date and model.
{{ config(materialized='view', contract={'enforced': false}) }}
with models as (
    select distinct
        model,
        model_label_en,
        model_label_zh
    from {{ ref('dim_tiers').include(database=false) }}
),

memberships (customer_key, as_of_date, ruleset, model, tier) as (
    {% for name in var('tier_models') %}
        select
            customer_key,
            as_of_date,
            ruleset,
            '{{ name }}',
            {{ name }}_tier
        from {{ ref('mart_customer_tiers').include(database=false) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    memberships.customer_key,
    memberships.as_of_date,
    memberships.ruleset,
    memberships.model,
    models.model_label_en,
    models.model_label_zh,
    memberships.tier,
    tiers.tier_rank,
    tiers.label_en as tier_label_en,
    tiers.label_zh as tier_label_zh
from memberships
inner join models on memberships.model = models.model
left join {{ ref('dim_tiers').include(database=false) }} as tiers
    on memberships.model = tiers.model and memberships.tier = tiers.tier
