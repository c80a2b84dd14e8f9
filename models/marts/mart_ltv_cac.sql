-- Value of the customers that a channel brought against what it cost (article 002: at
-- least three times), each month and over all months (month_date null).
-- One row per as-of date, channel and month with a cost.
with policy as (
    {{ active_policy(['ltv_cac_healthy_min_ratio']) }}
),

costs as (
    select
        channel,
        month as month_date,
        sum(cost_amount) as cost_amount
    from {{ ref('acquisition_costs') }}
    group by channel, month
),

acquired as (
    select
        as_of_date,
        acquisition_channel as channel,
        {{ month_start('first_contact_date') }} as month_date,
        count(*) as customers_acquired,
        count(clv_amount) as first_time_buyers,
        sum(clv_amount) as value_amount
    from {{ ref('customer_measures') }}
    where acquisition_channel is not null
    group by as_of_date, acquisition_channel, {{ month_start('first_contact_date') }}
),

summed as (
    select
        dates.as_of_date,
        costs.channel,
        case when not totals.is_total then costs.month_date end as month_date,
        sum(costs.cost_amount) as cost_amount,
        sum(coalesce(acquired.customers_acquired, 0)) as customers_acquired,
        sum(coalesce(acquired.first_time_buyers, 0)) as first_time_buyers,
        sum(coalesce(acquired.value_amount, 0)) as value_amount
    from costs
    inner join {{ ref('as_of_dates') }} as dates
        on costs.month_date <= dates.as_of_date
    left join acquired
        on
            dates.as_of_date = acquired.as_of_date
            and costs.channel = acquired.channel
            and costs.month_date = acquired.month_date
    cross join (values (false), (true)) as totals (is_total)
    group by
        dates.as_of_date,
        costs.channel,
        case when not totals.is_total then costs.month_date end
)

select
    summed.as_of_date,
    policy.ruleset,
    summed.channel,
    summed.month_date,
    cast(summed.cost_amount as decimal(18, 2)) as cost_amount,
    cast(summed.customers_acquired as integer) as customers_acquired,
    cast(summed.first_time_buyers as integer) as first_time_buyers,
    {{ exact_ratio('summed.cost_amount', 'summed.customers_acquired', 2) }} as cac_amount,
    {{ exact_ratio('summed.cost_amount', 'summed.first_time_buyers', 2) }}
        as cost_per_buyer_amount,
    {{ exact_ratio('summed.value_amount', 'summed.customers_acquired', 2) }}
        as mean_ltv_amount,
    {{ exact_ratio('summed.value_amount', 'summed.cost_amount', 4) }} as ltv_cac_ratio,
    case
        when summed.cost_amount > 0
            then
                summed.value_amount
                >= policy.ltv_cac_healthy_min_ratio * summed.cost_amount
    end as is_healthy
from summed
inner join policy
    on
        summed.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
