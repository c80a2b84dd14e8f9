-- What came of treatments: complications, and follow-ups overdue on the as-of date.
-- One row per customer with an outcome and as-of date. Medical data.
with outcomes as (
    select
        bridge.customer_key,
        dates.as_of_date,
        outcomes.has_complication,
        outcomes.follow_up_due_date < dates.as_of_date
        and not coalesce(outcomes.is_follow_up_kept, false) as is_overdue,
        date_diff('day', outcomes.outcome_date, dates.as_of_date) as days_ago
    from {{ ref('treatment_outcomes') }} as outcomes
    inner join {{ ref('customer_bridge') }} as bridge
        on
            outcomes.source = bridge.source
            and outcomes.customer_id = bridge.customer_id
    inner join {{ ref('as_of_dates') }} as dates
        on outcomes.outcome_date <= dates.as_of_date
)

select
    customer_key,
    as_of_date,
    count(*) as outcomes_lifetime,
    {{ windowed('count(*)', 'complications', where='has_complication') }},
    {{ windowed('count(*)', 'overdue_follow_ups', where='is_overdue') }}
from outcomes
group by customer_key, as_of_date
