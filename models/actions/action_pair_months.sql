-- Money of both of a pair by month, around the action's day or the day matched to it.
-- One row per as-of date, action, pair and month in which money moved.
with policy as (
    {{ active_policy(['hva_months_before', 'hva_months_after']) }}
),

sides as (
    {% for side, sign_taken in [('taken', 1), ('match', 0)] %}
        select
            as_of_date,
            action,
            customer_key as pair_key,
            match_key,
            {{ sign_taken }} as is_taker,
            {{ 'customer_key' if sign_taken else 'match_key' }} as spender_key,
            {{ 'action_date' if sign_taken else 'match_date' }} as index_date
        from {{ ref('action_pairs') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

spent as (
    select
        sides.*,
        movements.amount,
        {{ month_offset('sides.index_date', 'movements.movement_date') }}
            as month_offset
    from sides
    inner join {{ ref('money_movements') }} as movements
        on
            sides.spender_key = movements.customer_key
            and sides.as_of_date >= movements.movement_date
)

select
    spent.as_of_date,
    spent.action,
    spent.pair_key,
    spent.match_key,
    spent.month_offset,
    sum(spent.amount * spent.is_taker) as taken_amount,
    sum(spent.amount * (1 - spent.is_taker)) as matched_amount
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
    spent.match_key,
    spent.month_offset
