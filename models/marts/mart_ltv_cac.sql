-- Value of the customers that a channel brought against what it cost (article 002: at
-- least three times), each month and over all months (month_date null).
-- One row per as-of date, channel and month with a cost.
with policy as (
    {{ active_policy(['ltv_cac_healthy_min_ratio']) }}
),

summed as (
    select
        months.as_of_date,
        months.channel,
        case when not totals.is_total then months.month_date end as month_date,
        sum(months.cost_amount) as cost_amount,
        sum(months.customers_acquired) as customers_acquired,
        sum(months.first_time_buyers) as first_time_buyers,
        sum(months.value_amount) as value_amount
    from {{ ref('channel_months') }} as months
    cross join (values (false), (true)) as totals (is_total)
    group by
        months.as_of_date,
        months.channel,
        case when not totals.is_total then months.month_date end
)

select
    summed.as_of_date,
    policy.ruleset,
    summed.channel,
    summed.month_date,
    cast(summed.cost_amount as decimal(18, 2)) as cost_amount,
    cast(summed.customers_acquired as integer) as customers_acquired,
    cast(summed.first_time_buyers as integer) as first_time_buyers,
    cast(
        summed.cost_amount / nullif(summed.customers_acquired, 0) as decimal(18, 2)
    ) as cac_amount,
    cast(
        summed.cost_amount / nullif(summed.first_time_buyers, 0) as decimal(18, 2)
    ) as cost_per_buyer_amount,
    cast(
        summed.value_amount / nullif(summed.customers_acquired, 0) as decimal(18, 2)
    ) as mean_ltv_amount,
    cast(
        summed.value_amount / nullif(summed.cost_amount, 0) as decimal(18, 4)
    ) as ltv_cac_ratio,
    summed.value_amount / nullif(summed.cost_amount, 0)
    >= policy.ltv_cac_healthy_min_ratio as is_healthy
from summed
inner join policy
    on
        summed.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
