-- Skin tests and what came of treatments; a follow-up is overdue from the day after it was
-- due. Medical data.
-- One row per customer with any of them and as-of date.
{%- set indicators = [
    'moisture_pct', 'pigmentation_pct', 'collagen_density_pct', 'uv_damage_index',
    'skin_problem_index',
] %}
with tests as (
    select
        bridge.customer_sk,
        dates.as_of_date,
        {% for indicator in indicators %}
            {{ latest(
                'tests.' ~ indicator, 'tests.test_date', 'tests.source', 'tests.skin_test_id'
            ) }} as {{ indicator }},
        {% endfor %}
        cast(count(*) as integer) as skin_tests_lifetime
    from {{ ref('skin_tests') }} as tests
    inner join {{ ref('customer_bridge') }} as bridge
        on tests.record_sk = bridge.record_sk
    inner join {{ ref('as_of_dates') }} as dates on tests.test_date <= dates.as_of_date
    where {{ only_touched('bridge.customer_sk') }}
    group by bridge.customer_sk, dates.as_of_date
),

dated as (
    select
        bridge.customer_sk,
        dates.as_of_date,
        outcomes.has_complication,
        outcomes.follow_up_due_date < dates.as_of_date
        and not coalesce(outcomes.is_follow_up_kept, false) as is_overdue,
        {{ days_between('outcomes.outcome_date', 'dates.as_of_date') }} as days_ago,
        {{ days_between('outcomes.follow_up_due_date', 'dates.as_of_date') }} as due_days_ago
    from {{ ref('treatment_outcomes') }} as outcomes
    inner join {{ ref('customer_bridge') }} as bridge
        on outcomes.record_sk = bridge.record_sk
    inner join {{ ref('as_of_dates') }} as dates
        on outcomes.outcome_date <= dates.as_of_date
    where {{ only_touched('bridge.customer_sk') }}
),

outcomes as (
    select
        customer_sk,
        as_of_date,
        {{ windowed('count(*)', 'outcomes') }},
        {{ windowed('count(*)', 'complications', where='has_complication') }},
        {{ windowed('count(*)', 'overdue_follow_ups', 'due_days_ago', where='is_overdue') }}
    from dated
    group by customer_sk, as_of_date
),

known as (
    select customer_sk, as_of_date from tests
    union
    select customer_sk, as_of_date from outcomes
)

select
    known.customer_sk,
    known.as_of_date,
    {{ columns_of('tests', indicators + ['skin_tests_lifetime']) }},
    {{ windowed_columns('outcomes', 'outcomes') }},
    {{ windowed_columns('outcomes', 'complications') }},
    {{ windowed_columns('outcomes', 'overdue_follow_ups') }}
from known
left join tests on {{ same_customer('known', 'tests') }}
left join outcomes on {{ same_customer('known', 'outcomes') }}
