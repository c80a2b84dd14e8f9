-- From one change of a customer's consumption days to the next: the last of those that
-- count then (day_1, day_2 …; none counts after the first contact alone).
-- One row per customer and first day of a span.
{%- set numbers = range(1, most_days_counted() + 1) | list %}
{%- set before_all = "cast('0001-01-01' as date)" %}
with days as (
    select
        customer_sk,
        consumption_date as from_date,
        max(department) as department
    from {{ ref('consumption_supports') }}
    where ended_on is null and {{ only_touched('customer_sk') }}
    group by customer_sk, consumption_date
),

lasting as (
    select
        customer_sk,
        from_date,
        cast(row_number() over so_far as integer) as days_so_far,
        {% for number in numbers %}
            lag(from_date, {{ number - 1 }}, {{ before_all }}) over so_far
                as day_{{ number }},
        {% endfor %}
        {{ last_known('department') }} over so_far as department
    from days
    window so_far as (partition by customer_sk order by from_date asc)
),

counted as (
    select * from lasting
    where not exists (
        select 1
        from {{ ref('lifecycle_refunded') }} as refunded
        where
            refunded.customer_sk = lasting.customer_sk
            and refunded.from_date = lasting.from_date
    )
    union all
    select * from {{ ref('lifecycle_refunded') }}
    where {{ only_touched('customer_sk') }}
),

firsts as (
    select
        customer_sk,
        min(from_date) as from_date
    from counted
    group by customer_sk
),

spans as (
    select * from counted
    union all
    select
        profiles.customer_sk,
        profiles.first_contact_date,
        0,
        {% for number in numbers %}
            {{ before_all }},
        {% endfor %}
        null
    from {{ ref('customer_profiles') }} as profiles
    left join firsts on profiles.customer_sk = firsts.customer_sk
    where
        coalesce(profiles.first_contact_date < firsts.from_date, firsts.from_date is null)
        and profiles.first_contact_date is not null
        and {{ only_touched('profiles.customer_sk') }}
)

select
    *,
    lead(from_date) over (partition by customer_sk order by from_date asc) as next_from
from spans
