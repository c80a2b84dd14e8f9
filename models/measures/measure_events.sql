-- The facts that windowed measures are made of, as far back as a window reaches.
-- One row per customer, as-of date, measure and fact.
{{ config(materialized='view') }}
with events (customer_key, as_of_date, measure, event_date, amount, days_ago) as (
    select customer_key, as_of_date, 'purchases', order_date, 1, days_ago
    from {{ ref('purchases') }}
    union all
    select customer_key, as_of_date, 'consumption_days', consumption_date, 1, days_ago
    from {{ ref('consumption_days') }}
    union all
    select referrer_key, as_of_date, 'referrals_made', referral_date, 1, days_ago
    from {{ ref('referral_conversions') }}
    union all
    select
        referrer_key,
        as_of_date,
        'referral_conversion_rate',
        referral_date,
        cast(is_converted as integer),
        days_ago
    from {{ ref('referral_conversions') }}
    {% for measure, relation, day, amount in [
        ('net_amount', 'money_movements', 'movement_date', 'amount'),
        ('visits', 'arrivals', 'visit_date', '1'),
        ('responses', 'outreach_responses', 'response_date', '1'),
    ] %}
        union all
        select
            facts.customer_key,
            dates.as_of_date,
            '{{ measure }}',
            facts.{{ day }},
            {{ 'facts.' if amount != '1' }}{{ amount }},
            date_diff('day', facts.{{ day }}, dates.as_of_date)
        from {{ ref(relation) }} as facts
        inner join {{ ref('as_of_dates') }} as dates
            on facts.{{ day }} <= dates.as_of_date
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
