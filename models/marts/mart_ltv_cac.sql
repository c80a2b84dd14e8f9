-- Value of the customers that a channel brought against what it cost (article 002: at
-- least three times), each month and over all months (month null).
-- One row per as-of date, channel and month with a cost.
with policy as (
    {{ policy_row(['ltv_cac_healthy_min_ratio']) }}
),

summed as (
    select
        as_of_date,
        channel,
        month,
        sum(cost_amount) as cost_amount,
        sum(customers_acquired) as customers_acquired,
        sum(first_time_buyers) as first_time_buyers,
        sum(value_amount) as value_amount
    from {{ ref('channel_months') }}
    group by grouping sets ((as_of_date, channel), (as_of_date, channel, month))
)

select
    summed.as_of_date,
    policy.ruleset,
    summed.channel,
    summed.month,
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
