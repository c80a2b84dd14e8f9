-- After how many days what a customer bought last is usually due again.
-- One row per buyer and as-of date.
{{ config(meta={'in_parts': true}) }}
with bought as (
    select
        customer_key,
        as_of_date,
        days_ago,
        net_amount,
        coalesce(category, '*') as category
    from {{ ref('purchased_items') }}
),

last_bought as (
    select
        customer_key,
        as_of_date,
        arg_max(category, (-days_ago, net_amount, category)) as category
    from bought
    group by customer_key, as_of_date
)

select
    last_bought.customer_key,
    last_bought.as_of_date,
    coalesce(own.cycle_days, usual.cycle_days) as item_cycle_days
from last_bought
left join {{ ref('treatment_cycles') }} as own
    on last_bought.category = own.category
cross join {{ ref('treatment_cycles') }} as usual
where usual.category = '*'
