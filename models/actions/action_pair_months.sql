-- Money of a customer of a pair by month, around the action's day or the day matched to
-- it. One row per as-of date, action, pair, customer of the pair and month in which her
-- money moved.
{{ config(meta={'recompute': 'customer'}) }}
with policy as (
    {{ active_policy(['hva_months_before', 'hva_months_after']) }}
),

spent as (
    select
        sides.*,
        movements.amount,
        {{ month_offset('sides.index_date', 'movements.movement_date') }}
            as month_offset
    from {{ ref('action_sides') }} as sides
    inner join {{ ref('money_movements') }} as movements
        on
            sides.customer_key = movements.customer_key
            and sides.as_of_date >= movements.movement_date
)

select
    spent.as_of_date,
    spent.action,
    spent.pair_key,
    spent.customer_key,
    spent.is_taker,
    spent.month_offset,
    sum(spent.amount) as amount
from spent
inner join policy
    on
        spent.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
        and spent.month_offset
        between -policy.hva_months_before and policy.hva_months_after
group by
    spent.as_of_date,
    spent.action,
    spent.pair_key,
    spent.customer_key,
    spent.is_taker,
    spent.month_offset
