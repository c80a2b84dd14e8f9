-- The silent customers: those who interact but have not bought for the policy's window;
-- the share of each kind in their interactions, and their place by key (a hash).
-- One row per silent customer, as-of date and rule set.
with policy as (
    {{ policy_row({'private_domain': [
        'private_domain_window', 'private_domain_silence_window', 'private_domain_clusters',
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
        counts.interaction_type,
        {{ in_window(
            'interactions', 'private_domain_window', 'counts', 'silent'
        ) }} as touches
    from silent
    inner join {{ ref('interaction_counts') }} as counts
        on {{ same_customer('silent', 'counts') }}
)

select
    customer_sk,
    as_of_date,
    ruleset,
    {% for kind in interaction_kinds() %}
        {% set one = "sum(case when interaction_type = '" ~ kind ~ "' then touches else 0 end)" %}
        {{ exact_ratio(one, 'sum(touches)', 6) }} as {{ kind }}_share,
    {% endfor %}
    row_number() over (
        partition by as_of_date, ruleset order by customer_key asc
    ) as place
from touches
group by customer_sk, customer_key, as_of_date, ruleset
having sum(touches) > 0
