-- Who took an action, and who had come but not taken it by then, where the months after
-- are over by the as-of date; of very many those drawn.
-- One row per as-of date, action, customer and day.
{{ config(meta={'recompute': 'customer'}) }}
with policy as (
    {{ active_policy([
        'hva_months_after', 'hva_tenure_recent_max_days', 'hva_tenure_year_max_days',
    ]) }}
),

candidates as (
    select
        profiles.*,
        draws.action,
        cast(date_trunc('quarter', profiles.index_date) as date) as quarter_date,
        coalesce(taken.action_date = profiles.index_date, false) as is_taken,
        cast(profiles.tenure_days > 0 as integer)
        + cast(profiles.tenure_days > policy.hva_tenure_recent_max_days as integer)
        + cast(profiles.tenure_days > policy.hva_tenure_year_max_days as integer)
            as tenure_class
    from {{ ref('index_day_profiles') }} as profiles
    inner join policy
        on
            profiles.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
            and {{ months_are_over(
                'policy.hva_months_after', 'profiles.index_date', 'profiles.as_of_date'
            ) }}
    inner join {{ ref('action_draws') }} as draws
        on profiles.as_of_date = draws.as_of_date
    left join {{ ref('action_takers') }} as taken
        on
            {{ same_customer('profiles', 'taken') }}
            and draws.action = taken.action
    where
        (taken.action_date = profiles.index_date and taken.is_drawn)
        or (
            profiles.last_consumption_date = profiles.index_date
            and {{ is_drawn('profiles.customer_key', 'draws.candidates_one_in') }}
            and coalesce(taken.action_date > profiles.index_date, true)
        )
)

select
    candidates.as_of_date,
    candidates.action,
    candidates.customer_key,
    candidates.index_date,
    candidates.is_taken,
    candidates.before_amount,
    candidates.quarter_date,
    candidates.tenure_class,
    coalesce(candidates.department, '') as department,
    coalesce(candidates.clinic_id, '') as clinic_id
from candidates
