-- The last consumption days while a purchase counts that is refunded in full later, and
-- from its refund on: a day may rest on it alone. One row per customer and day on which
-- that changes.
{%- set numbers = range(1, most_days_counted() + 1) | list %}
with refunded as (
    select distinct customer_sk from {{ ref('consumption_supports') }}
    where ended_on is not null and {{ only_touched('customer_sk') }}
),

supports as (
    select supports.*
    from {{ ref('consumption_supports') }} as supports
    inner join refunded on supports.customer_sk = refunded.customer_sk
),

days as (
    select
        customer_sk,
        consumption_date as from_date,
        max(department) as department
    from supports
    where ended_on is null
    group by customer_sk, consumption_date
),

fleeting as (
    select
        supports.*,
        days.customer_sk is null and row_number() over (
            partition by supports.customer_sk, supports.consumption_date
            order by supports.ended_on desc, supports.department desc nulls last
        ) = 1 as is_day
    from supports
    left join days
        on
            supports.customer_sk = days.customer_sk
            and supports.consumption_date = days.from_date
    where supports.ended_on is not null
),

moments (customer_sk, from_date) as (
    select customer_sk, consumption_date from fleeting
    union
    select customer_sk, ended_on from fleeting
    union
    select days.customer_sk, days.from_date
    from days
    inner join fleeting
        on
            days.customer_sk = fleeting.customer_sk
            and days.from_date > fleeting.consumption_date
            and days.from_date < fleeting.ended_on
),

held as (
    select customer_sk, consumption_date, department, ended_on, is_day from fleeting
    union all
    select customer_sk, from_date, department, null, true from days
),

in_force as (
    select
        moments.customer_sk,
        moments.from_date,
        held.consumption_date,
        held.department,
        held.is_day,
        row_number() over (
            partition by moments.customer_sk, moments.from_date, held.is_day
            order by held.consumption_date desc
        ) as place
    from moments
    left join held
        on
            moments.customer_sk = held.customer_sk
            and moments.from_date >= held.consumption_date
            and moments.from_date < coalesce(held.ended_on, date '9999-12-31')
)

select
    customer_sk,
    from_date,
    cast(sum(case when is_day then 1 else 0 end) as integer) as days_so_far,
    {% for number in numbers %}
        coalesce(
            max(case when is_day and place = {{ number }} then consumption_date end),
            cast('0001-01-01' as date)
        ) as day_{{ number }},
    {% endfor %}
    {{ value_at_max('department', ['consumption_date', 'department']) }}
        filter (where department is not null) as department
from in_force
group by customer_sk, from_date
