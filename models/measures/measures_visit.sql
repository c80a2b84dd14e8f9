-- Visits (arrivals of any kind), treatments among them, and consumption days.
-- One row per customer who visited or consumed and as-of date.
with events as (
    select
        bridge.customer_sk,
        dates.as_of_date,
        {{ days_between('visits.visit_date', 'dates.as_of_date') }} as days_ago,
        visits.visit_type,
        cast(null as {{ dbt.type_string() }}) as department
    from {{ ref('visits') }} as visits
    inner join {{ ref('customer_bridge') }} as bridge
        on visits.record_sk = bridge.record_sk
    inner join {{ ref('as_of_dates') }} as dates
        on visits.visit_date <= dates.as_of_date
    where
        visits.status = 'arrived'
        and {{ only_touched('bridge.customer_sk') }}
    union all
    select
        customer_sk,
        as_of_date,
        days_ago,
        'consumption' as visit_type,
        department
    from {{ ref('consumption_days') }}
    where {{ only_touched('consumption_days.customer_sk') }}
)

{%- set visited, consumed = "visit_type != 'consumption'", "visit_type = 'consumption'" %}

select
    customer_sk,
    as_of_date,
    cast(min(days_ago) filter (where {{ visited }}) as integer) as days_since_visit,
    cast(min(days_ago) filter (where visit_type = 'treatment') as integer)
        as days_since_treatment,
    cast(min(days_ago) filter (where {{ consumed }}) as integer)
        as days_since_consumption,
    {{ value_at_min('department', ['days_ago']) }}
        filter (where department is not null) as last_department,
    {{ windowed('count(*)', 'visits', where=visited, type='integer') }},
    {{ windowed('count(*)', 'consumption_days', where=consumed, type='integer') }}
from events
group by customer_sk, as_of_date
