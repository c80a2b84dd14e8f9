-- Every customer's tier in every model, in the long form.
-- One row per customer, as-of date, rule set and model.
{{ config(materialized='view') }}
with memberships (customer_sk, customer_key, as_of_date, ruleset, model, tier) as (
    {% for name in all_tier_models() %}
        select
            customer_sk,
            customer_key,
            as_of_date,
            ruleset,
            '{{ name }}',
            {{ name }}_tier
        {% set is_medical = name in var('medical_tier_models') %}
        from {{ ref('medical_tiers' if is_medical else 'customer_tiers') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    memberships.customer_sk,
    memberships.customer_key,
    memberships.as_of_date,
    memberships.ruleset,
    memberships.model,
    memberships.tier,
    tiers.tier_rank
from memberships
left join {{ ref('tiers') }} as tiers
    on memberships.model = tiers.model and memberships.tier = tiers.tier
