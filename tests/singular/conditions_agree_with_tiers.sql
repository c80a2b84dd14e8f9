-- The reasons agree with the tiers: each group of conditions of the rung that a
-- customer holds has one that is met. A last rung takes whoever is left; its claim
-- holds as well. Of the first customers by key (var reasons_sample_customers).
select
    customer_key,
    as_of_date,
    ruleset,
    model,
    tier,
    condition_group
from {{ ref('mart_tier_conditions') }}
where
    role = 'holds'
    and {{ is_among_first(
        'customer_key', ref('mart_customer_tiers'), var('reasons_sample_customers')
    ) }}
group by customer_key, as_of_date, ruleset, model, tier, condition_group
having not bool_or(is_met)
