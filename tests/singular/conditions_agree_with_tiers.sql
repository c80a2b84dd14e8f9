-- The reasons agree with the tiers: each group of conditions of the rung that a
-- customer holds has one that is met. A last rung takes whoever is left; its claim
-- holds as well.
select
    customer_key,
    as_of_date,
    ruleset,
    model,
    tier,
    condition_group
from {{ ref('tier_conditions') }}
where role = 'holds'
group by customer_key, as_of_date, ruleset, model, tier, condition_group
having not bool_or(is_met)
