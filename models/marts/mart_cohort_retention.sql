-- Cohorts by month of first purchase: how many of them bought in each complete month since.
-- One row per cohort, clinic ('*': all) and month since.
with bought as (
    select
        purchases.customer_sk,
        {{ month_start('purchases.debut_date') }} as cohort_month,
        purchases.month_date,
        coalesce(profiles.home_clinic_id, 'unknown') as clinic_id,
        sum(purchases.net_amount) as net_amount
    from {{ ref('month_purchases') }} as purchases
    inner join {{ ref('customer_profiles') }} as profiles
        on purchases.customer_sk = profiles.customer_sk
    group by
        purchases.customer_sk, purchases.debut_date, purchases.month_date,
        profiles.home_clinic_id
),

summed as (
    {% for clinic in ['clinic_id', "'*'"] %}
        select
            cohort_month,
            {{ clinic }} as clinic_id,
            month_date,
            count(*) as active_customers,
            sum(net_amount) as net_amount
        from bought
        group by cohort_month, {{ clinic }}, month_date
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

months as (
    select distinct month_date from bought
    where {{ month_after('month_date') }} <= {{ days_after(last_day_described(), 1) }}
)

select
    cohorts.cohort_month,
    cohorts.clinic_id,
    '{{ var("ruleset") }}' as ruleset,
    months.month_date,
    cast(
        ({{ year_of('months.month_date') }} - {{ year_of('cohorts.cohort_month') }}) * 12
        + extract(month from months.month_date)
        - extract(month from cohorts.cohort_month) as integer
    ) as months_since,
    cast(cohorts.active_customers as integer) as cohort_customers,
    cast(coalesce(summed.active_customers, 0) as integer) as active_customers,
    {{ exact_ratio('coalesce(summed.active_customers, 0)', 'cohorts.active_customers', 4) }}
        as retention_share,
    cast(coalesce(summed.net_amount, 0) as decimal(18, 2)) as net_amount
from summed as cohorts
inner join months on cohorts.cohort_month <= months.month_date
left join summed
    on
        cohorts.cohort_month = summed.cohort_month
        and cohorts.clinic_id = summed.clinic_id
        and months.month_date = summed.month_date
where cohorts.cohort_month = cohorts.month_date
