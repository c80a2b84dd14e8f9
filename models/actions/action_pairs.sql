-- Each who took an action with the one most like her who had not by then: the narrowest
-- cell, then the nearest spend before, then the nearest day; none if none is near.
-- One row per as-of date, action and customer who found a match.
with policy as (
    {{ active_policy(['hva_max_spend_gap_share']) }}
),

ranked as (
    select
        neighbours.*,
        row_number() over (
            partition by
                neighbours.as_of_date, neighbours.action, neighbours.customer_key
            order by
                neighbours.width asc,
                neighbours.gap_amount asc,
                neighbours.gap_days asc,
                neighbours.match_key asc,
                neighbours.match_date asc
        ) as match_rank
    from {{ ref('action_neighbours') }} as neighbours
    inner join policy
        on
            neighbours.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
            and neighbours.gap_amount
            <= policy.hva_max_spend_gap_share
            * greatest(
                abs(neighbours.before_amount), abs(neighbours.match_before_amount)
            )
)

select
    as_of_date,
    action,
    customer_key,
    action_date,
    before_amount,
    match_key,
    match_date,
    match_before_amount,
    width
from ranked
where match_rank = 1
