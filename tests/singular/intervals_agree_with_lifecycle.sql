-- The stage of the intervals on an as-of date is the one that the ladder gives on it; a
-- customer's intervals begin with the first contact, leave no gap, do not overlap.
with intervals as (
    select
        *,
        min(valid_from) over (partition by customer_key) as first_from,
        lead(valid_from) over (
            partition by customer_key order by valid_from asc
        ) as next_from
    from {{ ref('fct_lifecycle_intervals') }}
)

select
    customers.customer_key,
    lifecycle.as_of_date,
    lifecycle.tier as stage_of_the_ladder,
    intervals.stage as stage_of_the_interval,
    'another stage' as problem
from {{ ref('tier_lifecycle') }} as lifecycle
inner join {{ ref('customer_profiles') }} as customers
    on lifecycle.customer_sk = customers.customer_sk
left join intervals
    on
        customers.customer_key = intervals.customer_key
        and lifecycle.ruleset = intervals.ruleset
        and lifecycle.as_of_date >= intervals.valid_from
        and lifecycle.as_of_date <= coalesce(intervals.valid_to, intervals.as_of_date)
where
    lifecycle.ruleset = '{{ var("ruleset") }}'
    and intervals.stage is distinct from lifecycle.tier
union all
select
    customer_key,
    valid_from as as_of_date,
    stage as stage_of_the_ladder,
    null as stage_of_the_interval,
    'gap or overlap' as problem
from intervals
where coalesce(valid_to != {{ days_after('next_from', '-1') }}, next_from is not null)
union all
select
    contacts.customer_key,
    contacts.first_contact_date as as_of_date,
    null as stage_of_the_ladder,
    intervals.stage as stage_of_the_interval,
    'does not begin with the first contact' as problem
from {{ ref('customer_profiles') }} as contacts
inner join intervals
    on
        contacts.customer_key = intervals.customer_key
        and intervals.valid_from = intervals.first_from
where contacts.first_contact_date != intervals.first_from
