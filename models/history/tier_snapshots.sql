-- The snapshots in the long form. One row per customer, day, rule set and model.
{{ config(materialized='view') }}
with held (
    customer_key, as_of_date, ruleset, clinic_id, net_amount_365, clv_amount,
    model, tier
) as (
    {% for name in var('tier_models') %}
        select
            customer_key,
            as_of_date,
            ruleset,
            clinic_id,
            net_amount_365,
            clv_amount,
            '{{ name }}',
            {{ name }}_tier
        from {{ ref('customer_snapshots') }}
        where {{ name }}_tier is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    held.customer_key,
    held.as_of_date,
    held.ruleset,
    held.model,
    held.tier,
    tiers.tier_rank,
    held.clinic_id,
    held.net_amount_365,
    held.clv_amount
from held
left join {{ ref('tiers') }} as tiers
    on held.model = tiers.model and held.tier = tiers.tier
