-- Customers and revenue by clinic, model and tier, all models in one pass.
-- One row per as-of date, clinic, model and tier that customers hold.
{%- set models = var('tier_models') %}
with tiers as (
    select
        *,
        coalesce(clinic_id, 'unknown') as clinic
    from {{ ref('customer_tiers') }}
    where ruleset = '{{ var("ruleset") }}'
),

-- In each row only the column of one model is grouped by; the others are null.
counted as (
    select
        as_of_date,
        ruleset,
        clinic,
        case
            {%- for name in models %}
            when grouping({{ name }}_tier) = 0 then '{{ name }}'
            {%- endfor %}
        end as model,
        coalesce({{ models | join('_tier, ') }}_tier) as tier,
        count(*) as customers,
        sum(purchases_365) as purchases_365,
        sum(net_amount_365) as net_amount_365,
        sum(net_amount_lifetime) as net_amount_lifetime
    from tiers
    group by grouping sets (  -- noqa: PRS
        {%- for name in models %}
        (as_of_date, ruleset, clinic, {{ name }}_tier){{ ',' if not loop.last }}
        {%- endfor %}
    )
)

select
    counted.as_of_date,
    counted.ruleset,
    counted.clinic as clinic_id,
    counted.model,
    counted.tier,
    labels.tier_rank,
    labels.label_en,
    labels.label_zh,
    cast(counted.customers as integer) as customers,
    cast(counted.purchases_365 as integer) as purchases_365,
    cast(counted.net_amount_365 as decimal(18, 2)) as net_amount_365,
    cast(counted.net_amount_lifetime as decimal(18, 2)) as net_amount_lifetime
from counted
inner join {{ ref('tiers') }} as labels
    on counted.model = labels.model and counted.tier = labels.tier
