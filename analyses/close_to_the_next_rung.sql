-- Who is one purchase away from the next rung? One row per customer and model.
with missing as (
    select
        *,
        count(*) over (
            partition by customer_key, as_of_date, model
        ) as conditions_missing
    from {{ ref('mart_tier_conditions') }}
    where role = 'next' and not is_met
)

select
    customer_key,
    model,
    tier,
    rung as next_tier,
    measure,
    value,
    target,
    gap
from missing
where conditions_missing = 1 and measure = 'purchases' and gap = 1
order by model, customer_key
