-- The silent customers: those who interact but have not bought for the policy's window;
-- the share of each kind in their interactions, and their place by key (a hash).
-- One row per silent customer, as-of date and rule set.
with policy as (
    {{ policy_row({'private_domain': [
        'private_domain_window', 'private_domain_silence_window', 'private_domain_clusters',
        'private_domain_dominant_min_share',
    ]}) }}
),

silent as (
    select
        measures.customer_sk,
        measures.customer_key,
        measures.as_of_date,
        policy.ruleset,
        policy.private_domain_window
    from {{ ref('customer_measures') }} as measures
    inner join policy on {{ policy_of('measures') }}
    where {{ in_window('purchases', 'private_domain_silence_window') }} = 0
),

touches as (
    select
        silent.customer_sk,
        silent.customer_key,
        silent.as_of_date,
        silent.ruleset,
        interactions.interaction_type
    from silent
    inner join {{ ref('customer_bridge') }} as bridge
        on silent.customer_sk = bridge.customer_sk
    inner join {{ ref('interactions') }} as interactions
        on
            bridge.record_sk = interactions.record_sk
            and silent.as_of_date >= interactions.interaction_date
    where
        {{ days_between('interactions.interaction_date', 'silent.as_of_date') }}
        <= silent.private_domain_window
        or silent.private_domain_window = 0
)

select
    customer_sk,
    as_of_date,
    ruleset,
    row_number() over (partition by as_of_date, ruleset order by customer_key asc) as place
    {%- for kind in interaction_kinds() %},
    {{ exact_ratio(
        "count(*) filter (where interaction_type = '" ~ kind ~ "')", 'count(*)', 6
    ) }} as {{ kind }}_share
    {%- endfor %}
from touches
group by customer_sk, customer_key, as_of_date, ruleset
