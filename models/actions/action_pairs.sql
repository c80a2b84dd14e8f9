-- Each who took an action with the one most like her who had not by then: the narrowest
-- cell, then the nearest spend before, then the nearest day; none if none is near.
-- One row per as-of date, action and customer who found a match.
with ranked as (
    select
        *,
        row_number() over (
            partition by as_of_date, action, customer_key
            order by gap_amount asc, gap_days asc, match_key asc, match_date asc
        ) as match_rank
    from {{ ref('action_neighbours') }}
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
