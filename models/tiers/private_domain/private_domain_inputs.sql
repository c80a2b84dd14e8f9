-- The behaviour that the nearest cluster of a silent customer is named after; null for
-- all others. One row per customer, as-of date and rule set.
{{ config(meta={'recompute': 'everything'}) }}
with policy as (
    {{ policy_row(['private_domain_clusters']) }}
),

distances as (
    select
        mix.customer_key,
        mix.as_of_date,
        mix.ruleset,
        centers.behaviour,
        row_number() over (
            partition by mix.customer_key, mix.as_of_date, mix.ruleset
            order by
                {{ mix_distance('mix', 'centers') }} asc,
                centers.cluster_number asc
        ) as nearness
    from {{ ref('private_domain_mix') }} as mix
    inner join {{ ref('private_domain_centers') }} as centers
        on mix.as_of_date = centers.as_of_date and mix.ruleset = centers.ruleset
)

select
    scopes.customer_key,
    scopes.as_of_date,
    policy.ruleset,
    scopes.scope_id,
    distances.behaviour
from {{ ref('customer_scopes') }} as scopes
inner join policy on {{ policy_of('scopes') }}
left join distances
    on
        {{ same_customer('scopes', 'distances') }}
        and policy.ruleset = distances.ruleset
        and distances.nearness = 1
