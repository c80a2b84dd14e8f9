-- Money of a pair's two customers by month, around the day of the action or the day
-- matched to it.
-- One row per as-of date that is matched, action, pair, side and month with money.
with policy as (
    {{ active_policy(['hva_months_before', 'hva_months_after']) }}
),

sides as (
    {%- for customer, day, taker in [
        ('customer_sk', 'action_date', 'true'), ('match_sk', 'match_date', 'false'),
    ] %}
    select
        pairs.as_of_date,
        pairs.action,
        pairs.customer_sk as pair_sk,
        pairs.{{ customer }} as customer_sk,
        pairs.{{ day }} as index_date,
        {{ taker }} as is_taker
    from {{ ref('action_pairs') }} as pairs
    inner join {{ ref('action_days') }} as days on pairs.as_of_date = days.as_of_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
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
            sides.customer_sk = movements.customer_sk
            and sides.as_of_date >= movements.movement_date
)

select
    spent.as_of_date,
    spent.action,
    spent.pair_sk,
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
    spent.as_of_date, spent.action, spent.pair_sk, spent.is_taker, spent.month_offset
