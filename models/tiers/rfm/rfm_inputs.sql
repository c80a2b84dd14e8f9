-- Recency, frequency and amount of the buyers, over the scoring window of the policy.
-- One row per buyer, as-of date and rule set.
with measures as (
    select * from {{ ref('customer_measures') }}
    where days_since_purchase is not null
),

policy as (
    {{ policy_row(['rfm_score_window']) }}
)

select
    measures.customer_key,
    measures.as_of_date,
    policy.ruleset,
    measures.days_since_purchase as recency_days,
    {{ in_window('purchases', 'rfm_score_window') }} as frequency,
    {{ in_window('net_amount', 'rfm_score_window') }} as monetary_amount
from measures
inner join policy
    on {{ policy_of('measures') }}
