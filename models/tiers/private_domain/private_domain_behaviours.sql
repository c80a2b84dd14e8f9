-- The behaviour that the nearest cluster of a silent customer is named after.
-- One row per silent customer, as-of date and rule set.
with distances as (
    select
        mix.customer_sk,
        mix.as_of_date,
        mix.ruleset,
        -- Without a silent customer the centres have no type.
        cast(centers.behaviour as varchar) as behaviour,
        centers.cluster_number,
        {{ mix_distance('mix', 'centers') }} as distance
    from {{ ref('private_domain_mix') }} as mix
    inner join {{ ref('private_domain_centers') }} as centers
        on mix.as_of_date = centers.as_of_date and mix.ruleset = centers.ruleset
)

select
    customer_sk,
    as_of_date,
    ruleset,
    {{ value_at_min('behaviour', ['distance', 'cluster_number']) }} as behaviour
from distances
group by customer_sk, as_of_date, ruleset
