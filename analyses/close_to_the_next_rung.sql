-- Who is one purchase away from the next rung? One row per customer and model.
select
    customer_key,
    model,
    tier,
    rung as next_tier,
    measure,
    value,
    target,
    gap
from {{ ref('tier_conditions') }}
qualify count(*) filter (where role = 'next' and not is_met) over (
    partition by customer_key, as_of_date, model
) = 1
and role = 'next'
and not is_met
and measure = 'purchases'
and gap = 1
order by model, customer_key
