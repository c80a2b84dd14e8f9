-- The last consumption days while a purchase counts that is refunded in full later, or whose
-- department moves with the refund of a line, and from that day on: a day may rest on it
-- alone. One row per customer and day on which that changes.
{%- set numbers = range(1, most_days_counted() + 1) | list %}
with supports as (
    select supports.*
    from {{ ref('consumption_supports') }} as supports
    where
        supports.customer_sk in (
            select refunded.customer_sk from {{ ref('consumption_supports') }} as refunded
            where refunded.ended_on is not null
        )
        and {{ only_touched('supports.customer_sk') }}
),

fleeting as (
    select * from supports
    where ended_on is not null
),

moments (customer_sk, from_date) as (
    select customer_sk, started_on from fleeting
    union
    select customer_sk, ended_on from fleeting
    union
    select supports.customer_sk, supports.consumption_date
    from supports
    inner join fleeting
        on
            supports.customer_sk = fleeting.customer_sk
            and supports.consumption_date > fleeting.consumption_date
            and supports.consumption_date < fleeting.ended_on
    where supports.ended_on is null
),

days as (
    select
        moments.customer_sk,
        moments.from_date,
        supports.consumption_date,
        max(supports.department) as department
    from moments
    left join supports
        on
            moments.customer_sk = supports.customer_sk
            and moments.from_date >= supports.started_on
            and moments.from_date < coalesce(supports.ended_on, date '9999-12-31')
    group by moments.customer_sk, moments.from_date, supports.consumption_date
),

placed as (
    select
        *,
        row_number() over (
            partition by customer_sk, from_date order by consumption_date desc
        ) as place
    from days
)

select
    customer_sk,
    from_date,
    cast(count(consumption_date) as integer) as days_so_far,
    {% for number in numbers %}
        coalesce(
            max(case when place = {{ number }} then consumption_date end),
            cast('0001-01-01' as date)
        ) as day_{{ number }},
    {% endfor %}
    {{ value_at_max('department', ['consumption_date', 'department']) }}
        filter (where department is not null) as department
from placed
group by customer_sk, from_date
