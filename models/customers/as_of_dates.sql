-- The days that the run describes: var as_of_date (one day or a list), else the last
-- business day with ordinary traffic. A few rows that stand alone, far behind all others (a
-- till with a wrong clock), move no day and are told. One row per as-of date.
{{ config(materialized='table', schema='measures') }}
{%- set days = var('as_of_date') or [] %}
{%- set days = [days] if days is string else days %}
with limits as (
    select
        {%- for limit in ['lone_day', 'stray_share', 'least_ordinary_days'] %}
        max(warn) filter (where name = '{{ limit }}' and subject = '*') as {{ limit }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('guard_limits') }}
),

counted (business_date, row_count) as (
    select
        order_date,
        count(*)
    from {{ ref('orders') }}
    group by order_date
    union all
    select
        visit_date,
        count(*)
    from {{ ref('visits') }}
    where status = 'arrived'
    group by visit_date
    union all
    -- Where neither orders nor visits are delivered, the referrals say what day it is.
    select
        referral_date,
        count(*)
    from {{ ref('referrals') }}
    where not {{ is_fed('consumption') }}
    group by referral_date
),

business_days as (
    select
        business_date,
        sum(row_count) as row_count
    from counted
    group by business_date
),

-- What the hundred business days up to each one brought, and what comes behind it.
followed as (
    select
        business_date,
        lead(business_date) over (order by business_date) as next_date,
        row_number() over (order by business_date) as place,
        sum(row_count) over (order by business_date desc) - row_count as rows_behind,
        sum(row_count) over lately as row_count,
        min(business_date) over lately as since_date
    from business_days
    window lately as (
        order by business_date rows between 99 preceding and current row
    )
),

-- The rows behind a gap are strays if they are few beside what the gap would have brought.
ordinary as (
    select
        min(followed.business_date) as ordinary_date,
        max(followed.rows_behind) as stray_rows
    from followed
    cross join limits
    where
        followed.place >= limits.least_ordinary_days
        and {{ days_between('followed.business_date', 'followed.next_date') }} > limits.lone_day
        and followed.rows_behind * 100
        * ({{ days_between('followed.since_date', 'followed.business_date') }} + 1)
        <= limits.stray_share * followed.row_count
        * {{ days_between('followed.business_date', 'followed.next_date') }}
),

asked (as_of_date) as (
    {% for day in days %}
        select cast('{{ day }}' as date)
        {{ 'union' if not loop.last }}
    {% else %}
        select coalesce(max(ordinary.ordinary_date), max(business_days.business_date))
        from business_days
        cross join ordinary
    {% endfor %}
)

select
    asked.as_of_date,
    ordinary.ordinary_date,
    followed.next_date as stray_date,
    coalesce(ordinary.stray_rows, 0) as stray_rows
from asked
cross join ordinary
left join followed on ordinary.ordinary_date = followed.business_date
