-- The Pareto curve of article 004 §1: which share of the gross profit the first 1 %,
-- 2 % … 100 % of buyers bring. One row per as-of date and per cent of buyers.
with ranked as (
    select
        as_of_date,
        ruleset,
        greatest(profit_amount, 0) as earned_amount,
        -- Which of two with the same profit comes first makes no difference.
        row_number() over (partition by as_of_date order by profit_amount desc) as place,
        count(*) over (partition by as_of_date) as buyers
    from {{ ref('customer_tiers') }}
    where ruleset = '{{ var("ruleset") }}' and profit_amount is not null
),

earned as (
    select
        as_of_date,
        ruleset,
        cast(ceil(place * 100.0 / buyers) as integer) as buyers_pct,
        count(*) as buyers,
        sum(earned_amount) as earned_amount
    from ranked
    group by as_of_date, ruleset, cast(ceil(place * 100.0 / buyers) as integer)
),

added_up as (
    select
        as_of_date,
        ruleset,
        buyers_pct,
        sum(buyers) over so_far as buyers,
        sum(earned_amount) over so_far as gross_profit,
        sum(earned_amount) over (partition by as_of_date) as all_profit
    from earned
    window so_far as (partition by as_of_date order by buyers_pct)
)

select
    as_of_date,
    ruleset,
    buyers_pct,
    cast(buyers as integer) as buyers,
    cast(gross_profit as decimal(18, 2)) as gross_profit,
    cast({{ exact_ratio('gross_profit', 'all_profit', 4) }} as decimal(9, 4)) as profit_share
from added_up
