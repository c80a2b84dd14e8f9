-- Leads of each channel and month: who first showed up in it, how many of them bought within
-- kpi_retention_days (null until these are over), what they cost, and what the channel's
-- customers were worth when the month began.
-- One row per complete month and channel ('*': all).
with policy as (
    {{ active_policy(['kpi_retention_days']) }}
),

scale as (
    select * from policy
    where as_of_date = {{ last_day_described() }} and scope_id = {{ chain_scope() }}
),

debuts as (
    select
        customer_sk,
        min(debut_date) as debut_date
    from {{ ref('month_purchases') }}
    group by customer_sk
),

known as (
    select
        profiles.customer_key,
        coalesce(profiles.acquisition_channel, 'unknown') as channel,
        profiles.first_contact_date,
        {{ month_start('profiles.first_contact_date') }} as month_date,
        debuts.debut_date
    from {{ ref('customer_profiles') }} as profiles
    left join debuts on profiles.customer_sk = debuts.customer_sk
),

facts (month_date, channel, measure, amount) as (
    select
        known.month_date,
        known.channel,
        measures.measure,
        1
    from known
    cross join scale
    inner join (values ('leads'), ('converted')) as measures (measure)
        on
            measures.measure = 'leads'
            or known.debut_date
            <= {{ days_after('known.first_contact_date', 'scale.kpi_retention_days') }}
    union all
    select
        {{ month_start('debut_date') }},
        channel,
        'first_buyers',
        1
    from known
    where debut_date is not null
    {% for measure, amount in [('customers', '1'), ('value', 'snapshots.clv_amount')] %}
        union all
        select
            {{ days_after('snapshots.as_of_date', 1) }},
            known.channel,
            '{{ measure }}',
            {{ amount }}
        from {{ ref('customer_snapshots') }} as snapshots
        inner join known on snapshots.customer_key = known.customer_key
        where
            snapshots.ruleset = '{{ var("ruleset") }}'
            and {{ is_month_end('snapshots.as_of_date') }}
    {% endfor %}
    union all
    select
        month,
        channel,
        'cost',
        cost_amount
    from {{ ref('acquisition_costs') }}
),

channels as (
    select '*' as channel
    union
    select channel from facts
),

summed as (
    select
        facts.month_date,
        channels.channel,
        {{ month_after('facts.month_date') }} as next_month
        {%- for measure in ['leads', 'converted', 'first_buyers', 'customers', 'value', 'cost'] %},
        coalesce(sum(facts.amount) filter (where facts.measure = '{{ measure }}'), 0)
            as {{ measure }}
        {%- endfor %}
    from facts
    inner join channels on channels.channel in ('*', facts.channel)
    group by facts.month_date, channels.channel
)

select
    summed.month_date,
    summed.channel,
    cast(summed.leads as integer) as leads,
    case
        when
            {{ days_after('summed.next_month', 'scale.kpi_retention_days - 1') }}
            <= scale.as_of_date
            then cast(summed.converted as integer)
    end as converted,
    cast(summed.first_buyers as integer) as first_buyers,
    case
        when {{ is_fed('acquisition_costs') }} then cast(summed.cost as decimal(18, 2))
    end as cost_amount,
    cast(summed.customers as integer) as customers,
    {{ exact_ratio('summed.value', 'summed.customers', 2) }} as mean_ltv_amount,
    {{ exact_ratio('summed.value * summed.leads', 'summed.customers', 2) }}
        as lead_value_amount
from summed
cross join scale
where summed.next_month <= {{ days_after('scale.as_of_date', 1) }}
