-- What was known of a customer on such a day: clinic, department, tenure, and what she
-- had spent in the months before. The day itself is left out of the money.
-- One row per customer who had consumed by then, day and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
with policy as (
    {{ active_policy(['hva_months_before']) }}
),

spent as (
    select
        index_days.as_of_date,
        index_days.customer_key,
        index_days.index_date,
        sum(movements.amount) as before_amount
    from {{ ref('index_days') }} as index_days
    inner join policy
        on
            index_days.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
    inner join {{ ref('money_movements') }} as movements
        on
            index_days.customer_key = movements.customer_key
            and index_days.index_date > movements.movement_date
            and {{ month_offset('index_days.index_date', 'movements.movement_date') }}
            >= -policy.hva_months_before
    group by index_days.as_of_date, index_days.customer_key, index_days.index_date
)

select
    histories.as_of_date,
    histories.customer_key,
    histories.index_date,
    histories.first_consumption_date,
    histories.last_consumption_date,
    histories.department,
    profiles.home_clinic_id as clinic_id,
    date_diff('day', histories.first_consumption_date, histories.index_date)
        as tenure_days,
    coalesce(spent.before_amount, 0) as before_amount
from {{ ref('index_day_histories') }} as histories
inner join {{ ref('customer_profiles') }} as profiles
    on histories.customer_key = profiles.customer_key
left join spent
    on
        {{ same_customer('histories', 'spent') }}
        and histories.index_date = spent.index_date
