-- How many took an action and how many pairs there are: enough to go by, or too few.
-- One row per as-of date and action that is looked at.
with policy as (
    {{ active_policy(['hva_min_pairs']) }}
),

taken as (
    select
        as_of_date,
        action,
        count(*) as customers_taken
    from {{ ref('high_value_actions_taken') }}
    group by as_of_date, action
)

select
    policy.as_of_date,
    policy.ruleset,
    actions.action,
    actions.label_en,
    actions.label_zh,
    draws.takers_one_in,
    draws.candidates_one_in,
    coalesce(taken.customers_taken, 0) as customers_taken,
    coalesce(uplifts.pairs, 0) as pairs,
    coalesce(uplifts.matched_customers, 0) as matched_customers,
    coalesce(uplifts.matched_customers, 0) < policy.hva_min_pairs as is_sample_too_small
from policy
inner join {{ ref('high_value_actions') }} as actions on actions.is_on
inner join {{ ref('action_draws') }} as draws
    on
        policy.as_of_date = draws.as_of_date
        and actions.action = draws.action
left join taken
    on
        policy.as_of_date = taken.as_of_date
        and actions.action = taken.action
left join {{ ref('action_uplifts') }} as uplifts
    on
        policy.as_of_date = uplifts.as_of_date
        and actions.action = uplifts.action
where policy.scope_id = {{ chain_scope() }}
