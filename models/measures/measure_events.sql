-- The facts that windowed measures are made of, as far back as a window reaches.
-- One row per customer, as-of date, measure and fact.
{{ config(materialized='view') }}
with events (customer_key, as_of_date, measure, event_date, amount, days_ago) as (
    {% for measure, relation, customer, day, amount in [
        ('purchases', 'purchases', 'customer_key', 'order_date', '1'),
        ('consumption_days', 'consumption_days', 'customer_key', 'consumption_date', '1'),
        ('referrals_made', 'referral_conversions', 'referrer_key', 'referral_date', '1'),
        (
            'referral_conversion_rate', 'referral_conversions', 'referrer_key',
            'referral_date', 'cast(is_converted as integer)'
        ),
    ] %}
        select
            {{ customer }},
            as_of_date,
            '{{ measure }}',
            {{ day }},
            {{ amount }},
            days_ago
        from {{ ref(relation) }}
        union all
    {% endfor %}
    {% for measure, relation, day, amount in [
        ('net_amount', 'money_movements', 'movement_date', 'facts.amount'),
        ('visits', 'arrivals', 'visit_date', '1'),
        ('responses', 'outreach_responses', 'response_date', '1'),
    ] %}
        select
            facts.customer_key,
            dates.as_of_date,
            '{{ measure }}',
            facts.{{ day }},
            {{ amount }},
            date_diff('day', facts.{{ day }}, dates.as_of_date)
        from {{ ref(relation) }} as facts
        inner join {{ ref('as_of_dates') }} as dates
            on facts.{{ day }} <= dates.as_of_date
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    customer_key,
    as_of_date,
    measure,
    event_date,
    cast(amount as decimal(18, 2)) as amount
from events
where days_ago <= {{ var('measure_windows') | max }}
