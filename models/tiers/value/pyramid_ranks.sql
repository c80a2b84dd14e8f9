-- Which share of the gross profit, and of the buyers, comes before each amount of
-- profit (var pyramid_top_by says which of them makes the top); equals stand alike.
-- One row per as-of date, rule set and amount.
{%- set top_by = one_of_values('pyramid_top_by', ['profit', 'buyers']) %}
with policy as (
    {{ policy_row({'pyramid': ['pyramid_window']}) }}
),

profits as (
    select
        measures.as_of_date,
        policy.ruleset,
        {{ pyramid_profit() }} as profit_amount
    from {{ ref('customer_measures') }} as measures
    inner join policy on {{ policy_of('measures') }}
),

amounts as (
    select
        as_of_date,
        ruleset,
        profit_amount,
        count(*) as buyers,
        cast(greatest(profit_amount, 0) * count(*) as decimal(18, 2)) as earned_amount
    from profits
    where profit_amount is not null
    group by as_of_date, ruleset, profit_amount
),

totals as (
    select
        *,
        sum(earned_amount) over from_the_top - earned_amount as earned_before,
        sum(buyers) over from_the_top - buyers as buyers_before,
        sum(earned_amount) over (partition by as_of_date, ruleset) as earned_by_all,
        sum(buyers) over (partition by as_of_date, ruleset) as all_buyers
    from amounts
    window from_the_top as (
        partition by as_of_date, ruleset order by profit_amount desc
    )
),

shares as (
    select
        as_of_date,
        ruleset,
        profit_amount,
        {{ share_cut_off('earned_before', 'earned_by_all') }} as profit_share_before,
        {{ share_cut_off('buyers_before', 'all_buyers') }} as buyers_share_before
    from totals
)

select
    as_of_date,
    ruleset,
    profit_amount,
    profit_share_before,
    {{ top_by }}_share_before as top_share_before
from shares
