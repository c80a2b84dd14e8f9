-- Customers that a campaign contacted in a month beside customers alike that nobody did near
-- that time: same lifecycle stage, frequency and amount class when the month began. Of those
-- not contacted a draw by hash, followed from the campaign's middle day.
-- One row per campaign, month, stratum and side.
with policy as (
    {{ active_policy(['action_result_days', 'hva_max_customers']) }}
),

scale as (
    select
        *,
        {{ drawn_one_in(
            '(select count(*) from ' ~ ref('customer_profiles') ~ ')', 'hva_max_customers'
        ) }} as one_in
    from policy
    where as_of_date = {{ last_day_described() }} and scope_id = {{ chain_scope() }}
),

contacted as (
    select
        campaign,
        month_date,
        customer_key,
        customer_sk,
        min(contact_date) as start_date
    from {{ ref('contact_results') }}
    where is_complete
    group by campaign, month_date, customer_key, customer_sk
),

campaigns as (
    select
        campaign,
        month_date,
        {{ days_after('month_date', 'floor(avg(' ~ days_between(
            'month_date', 'start_date') ~ '))') }} as start_date
    from contacted
    group by campaign, month_date
),

people as (
    select
        campaigns.campaign,
        campaigns.month_date,
        profiles.customer_sk,
        snapshots.lifecycle_tier || '/' || snapshots.rfm_frequency_tier || '/'
        || snapshots.rfm_monetary_tier as stratum,
        contacted.start_date is not null as is_contacted,
        coalesce(contacted.start_date, campaigns.start_date) as start_date
    from campaigns
    cross join scale
    inner join {{ ref('customer_snapshots') }} as snapshots
        on
            campaigns.month_date = {{ days_after('snapshots.as_of_date', 1) }}
            and snapshots.ruleset = '{{ var("ruleset") }}'
    inner join {{ ref('customer_profiles') }} as profiles
        on snapshots.customer_key = profiles.customer_key
    left join contacted
        on
            campaigns.campaign = contacted.campaign
            and campaigns.month_date = contacted.month_date
            and profiles.customer_sk = contacted.customer_sk
    where
        contacted.customer_sk is not null
        or {{ is_drawn('snapshots.customer_key', 'scale.one_in') }}
),

-- A customer that another contact reached near that time is on neither side.
alone as (
    select people.*
    from people
    cross join scale
    where not exists (
        select 1
        from {{ ref('contact_results') }} as others
        where
            people.customer_sk = others.customer_sk
            and not (people.is_contacted and others.campaign = people.campaign)
            and others.contact_date
            >= {{ days_after('people.start_date', '-scale.action_result_days') }}
            and others.contact_date
            <= {{ days_after('people.start_date', 'scale.action_result_days') }}
    )
),

followed as (
    select
        alone.campaign,
        alone.month_date,
        alone.stratum,
        alone.is_contacted,
        alone.customer_sk,
        count(purchases.order_sk) as purchases,
        coalesce(sum(purchases.profit_amount), 0) as profit_amount
    from alone
    cross join scale
    left join {{ ref('month_purchases') }} as purchases
        on
            alone.customer_sk = purchases.customer_sk
            and alone.start_date < purchases.order_date
            and purchases.order_date
            <= {{ days_after('alone.start_date', 'scale.action_result_days') }}
    group by
        alone.campaign, alone.month_date, alone.stratum, alone.is_contacted,
        alone.customer_sk
)

select
    campaign,
    month_date,
    stratum,
    is_contacted,
    count(*) as customers,
    count(*) filter (where purchases > 0) as buyers,
    cast(sum(profit_amount) as double) as profit_amount,
    cast(sum(profit_amount * profit_amount) as double) as profit_squares
from followed
group by campaign, month_date, stratum, is_contacted
