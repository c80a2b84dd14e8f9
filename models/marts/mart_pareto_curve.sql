-- The Pareto curve of article 004 §1: which share of the gross profit the first 1 %,
-- 2 % … 100 % of buyers bring. One row per as-of date and per cent of buyers.
with ranked as (
    select
        as_of_date,
        ruleset,
        greatest(profit_amount, 0) as earned_amount,
        row_number() over (
            partition by as_of_date order by profit_amount desc, customer_key asc
        ) as place,
        count(*) over (partition by as_of_date) as buyers
    from {{ ref('pyramid_profits') }}
    where ruleset = '{{ var("ruleset") }}'
),

percents as (
    select
        *,
        cast(ceil(place * 100.0 / buyers) as integer) as buyers_pct
    from ranked
),

earned as (
    select
        as_of_date,
        ruleset,
        buyers_pct,
        count(*) as buyers,
        sum(earned_amount) as earned_amount
    from percents
    group by as_of_date, ruleset, buyers_pct
)

select
    as_of_date,
    ruleset,
    buyers_pct,
    cast(sum(buyers) over so_far as integer) as buyers,
    cast(sum(earned_amount) over so_far as decimal(18, 2)) as gross_profit,
    cast(
        sum(earned_amount) over so_far
        / nullif(sum(earned_amount) over (partition by as_of_date), 0)
        as decimal(9, 4)
    ) as profit_share
from earned
window so_far as (partition by as_of_date order by buyers_pct)
