-- The gross profit that the first fifth of a month's buyers brought (article 004).
-- One row per month and clinic ('*': all).
with policy as (
    {{ active_policy(['pyramid_top_buyers_share']) }}
),

bought as (
    select
        facts.month_date,
        coalesce(profiles.home_clinic_id, 'unknown') as clinic_id,
        facts.profit_amount
    from {{ ref('kpi_facts') }} as facts
    inner join {{ ref('customer_profiles') }} as profiles
        on facts.customer_sk = profiles.customer_sk
    where facts.purchases > 0
),

ranked as (
    {% for clinic in ['clinic_id', "'*'"] %}
        select
            month_date,
            {{ clinic }} as clinic_id,
            profit_amount,
            row_number() over (
                partition by month_date, {{ clinic }} order by profit_amount desc
            ) as place,
            count(*) over (partition by month_date, {{ clinic }}) as buyers
        from bought
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    month_date,
    clinic_id,
    cast(sum(profit_amount) as decimal(18, 2)) as top_profit_amount
from ranked
where place <= ceil(buyers * (
    select max(policy.pyramid_top_buyers_share) from policy
    where policy.scope_id = {{ chain_scope() }}
))
group by month_date, clinic_id
