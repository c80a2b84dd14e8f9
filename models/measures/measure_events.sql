-- The facts that windowed measures are made of, as far back as a window reaches.
-- One row per customer, as-of date, measure and fact.
{{ config(materialized='view') }}
with arrivals as (
    select
        bridge.customer_sk,
        visits.visit_date
    from {{ ref('visits') }} as visits
    inner join {{ ref('customer_bridge') }} as bridge
        on visits.record_sk = bridge.record_sk
    where visits.status = 'arrived'
),

outreach_responses as (
    select
        bridge.customer_sk,
        coalesce(outreach.response_date, outreach.contact_date) as response_date
    from {{ ref('outreach') }} as outreach
    inner join {{ ref('customer_bridge') }} as bridge
        on outreach.record_sk = bridge.record_sk
    where outreach.has_responded
),

events (customer_sk, as_of_date, measure, event_date, amount, days_ago) as (
    {% for measure, relation, customer, day, amount in [
        ('purchases', 'purchases', 'customer_sk', 'order_date', '1'),
        ('consumption_days', 'consumption_days', 'customer_sk', 'consumption_date', '1'),
        ('referrals_made', 'referral_conversions', 'referrer_sk', 'referral_date', '1'),
        (
            'referral_conversion_rate', 'referral_conversions', 'referrer_sk',
            'referral_date', 'cast(is_converted as integer)'
        ),
    ] %}
        select
            {{ customer }},
            as_of_date,
            '{{ measure }}',
            {{ day }},
            cast({{ amount }} as decimal(18, 2)),
            days_ago
        from {{ ref(relation) }}
        union all
    {% endfor %}
    {% for measure, relation, day, amount in [
        ('net_amount', ref('money_movements'), 'movement_date', 'facts.amount'),
        ('earning_amount', ref('money_movements'), 'movement_date', 'facts.amount'),
        ('visits', 'arrivals', 'visit_date', '1'),
        ('responses', 'outreach_responses', 'response_date', '1'),
    ] %}
        select
            facts.customer_sk,
            dates.as_of_date,
            '{{ measure }}',
            facts.{{ day }},
            cast({{ amount }} as decimal(18, 2)),
            {{ days_between('facts.' ~ day, 'dates.as_of_date') }}
        from {{ relation }} as facts
        inner join {{ ref('as_of_dates') }} as dates
            on
                facts.{{ day }} <= dates.as_of_date
                {%- if measure == 'earning_amount' %}
                and coalesce(facts.undone_date > dates.as_of_date, true)
                {%- endif %}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    customer_sk,
    as_of_date,
    measure,
    event_date,
    amount,
    days_ago
from events
where days_ago <= {{ var('measure_windows') | max }}
