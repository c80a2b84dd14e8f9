-- The silent customers: those who interact but have not bought for the policy's window;
-- the share of each kind in their interactions.
-- One row per silent customer, as-of date and rule set.
with policy as (
    {{ policy_row(['private_domain_window', 'private_domain_silence_window']) }}
),

silent as (
    select
        measures.customer_key,
        measures.as_of_date,
        measures.scope_id,
        policy.ruleset,
        policy.private_domain_window
    from {{ ref('customer_measures') }} as measures
    inner join policy on {{ policy_of('measures') }}
    where {{ in_window('purchases', 'private_domain_silence_window') }} = 0
),

touches as (
    select
        silent.customer_key,
        silent.as_of_date,
        silent.ruleset,
        counts.interaction_type,
        {{ in_window(
            'interactions', 'private_domain_window', 'counts', 'silent'
        ) }} as touches
    from silent
    inner join {{ ref('interaction_counts') }} as counts
        on {{ same_customer('silent', 'counts') }}
)

select
    customer_key,
    as_of_date,
    ruleset,
    {{ interaction_shares('touches', 'interaction_type') }}
from touches
group by customer_key, as_of_date, ruleset
having sum(touches) > 0
