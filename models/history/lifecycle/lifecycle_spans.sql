-- From one change of a customer's consumption days to the next: the last of those that
-- count then (day_1, day_2 …). A purchase counts until it is refunded in full.
-- One row per customer and first day of a span.
{%- set numbers = last_days_held() %}
with full_refunds as (
    select
        order_sk,
        min(refund_date) as refund_date
    from {{ ref('order_refunds') }}
    where refunded_amount >= paid_amount and {{ only_touched('customer_sk') }}
    group by order_sk
),

supports (customer_sk, consumption_date, department, ended_on) as (
    select
        orders.customer_sk,
        orders.order_date,
        orders.department,
        full_refunds.refund_date
    from {{ ref('order_facts') }} as orders
    left join full_refunds on orders.order_sk = full_refunds.order_sk
    where
        orders.paid_amount > 0
        and coalesce(full_refunds.refund_date > orders.order_date, true)
        and {{ only_touched('orders.customer_sk') }}
    union all
    select
        customer_sk,
        visit_date,
        department,
        cast(null as date)
    from {{ ref('treatment_visits') }}
    where {{ only_touched('customer_sk') }}
),

refunded as (
    select distinct customer_sk from supports
    where ended_on is not null
),

days as (
    select
        customer_sk,
        consumption_date as from_date,
        max(department) as department
    from supports
    where customer_sk not in (select refunded.customer_sk from refunded)
    group by customer_sk, consumption_date
),

plain as (
    select
        customer_sk,
        from_date,
        cast(row_number() over so_far as integer) as days_so_far,
        {% for number in numbers %}
            lag(from_date, {{ number - 1 }}) over so_far as day_{{ number }},
        {% endfor %}
        {{ last_known('department') }} over so_far as department,
        lead(from_date) over so_far as next_from
    from days
    window so_far as (partition by customer_sk order by from_date asc)
),

moments as (
    select
        customer_sk,
        consumption_date as from_date
    from supports
    where customer_sk in (select refunded.customer_sk from refunded)
    union
    select
        customer_sk,
        ended_on
    from supports
    where ended_on is not null
),

in_force as (
    select
        moments.customer_sk,
        moments.from_date,
        supports.consumption_date,
        max(supports.department) as department,
        row_number() over (
            partition by moments.customer_sk, moments.from_date
            order by supports.consumption_date desc nulls last
        ) as place
    from moments
    left join supports
        on
            moments.customer_sk = supports.customer_sk
            and moments.from_date >= supports.consumption_date
            and moments.from_date < coalesce(supports.ended_on, date '9999-12-31')
    group by moments.customer_sk, moments.from_date, supports.consumption_date
),

counted as (
    select
        customer_sk,
        from_date,
        cast(count(consumption_date) as integer) as days_so_far,
        {% for number in numbers %}
            max(case when place = {{ number }} then consumption_date end) as day_{{ number }},
        {% endfor %}
        {{ value_at_max('department', ['consumption_date']) }}
            filter (where department is not null) as department
    from in_force
    group by customer_sk, from_date
)

select * from plain
union all
select
    *,
    lead(from_date) over (partition by customer_sk order by from_date asc) as next_from
from counted
