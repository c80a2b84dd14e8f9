-- For how many days a level has not been earned any more; a level above that ran out
-- counts from the end of its own grace period, so that downgrades take one rung at a
-- time. One row per customer, as-of date and rule set; null if never earned in reach.
with policy as (
    {{ policy_row(membership_floors() + ['membership_grace_days']) }}
),

earned as (
    select
        amounts.customer_key,
        amounts.as_of_date,
        amounts.ruleset,
        {{ last_earned_days('amounts.net_amount', 'amounts.last_days_ago', 'policy') }}
    from {{ ref('membership_amounts') }} as amounts
    inner join {{ ref('customer_scopes') }} as scopes
        on {{ same_customer('amounts', 'scopes') }}
    inner join policy
        on {{ policy_of('scopes') }} and amounts.ruleset = policy.ruleset
    group by amounts.customer_key, amounts.as_of_date, amounts.ruleset
)

select
    measures.customer_key,
    measures.as_of_date,
    policy.ruleset,
    measures.scope_id,
    {{ windowed_columns('measures', 'net_amount') }},
    {{ unearned_days('earned', 'policy.membership_grace_days') }}
from {{ ref('customer_measures') }} as measures
inner join policy on {{ policy_of('measures') }}
left join earned
    on {{ same_customer('measures', 'earned') }} and policy.ruleset = earned.ruleset
