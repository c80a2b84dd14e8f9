-- Who took an action beside the two nearest below and above who had not, by what they
-- had spent before, then by day, within their cell, quarter and class of tenure.
-- One row per as-of date, action, customer, width of the cell and candidate.
with ordered as (
    select
        *,
        sum(cast(not is_taken as integer)) over (
            partition by as_of_date, action, width, cell, quarter, tenure_class
            order by
                before_amount asc,
                index_date asc,
                is_taken asc,
                customer_key asc
            rows between unbounded preceding and current row
        ) as place
    from {{ ref('action_pool') }}
)

select
    taken.as_of_date,
    taken.action,
    taken.customer_key,
    taken.index_date as action_date,
    taken.before_amount,
    taken.width,
    others.customer_key as match_key,
    others.index_date as match_date,
    others.before_amount as match_before_amount,
    abs(taken.before_amount - others.before_amount) as gap_amount,
    abs(date_diff('day', taken.index_date, others.index_date)) as gap_days
from ordered as taken
inner join ordered as others
    on
        taken.as_of_date = others.as_of_date
        and taken.action = others.action
        and taken.width = others.width
        and taken.cell = others.cell
        and taken.quarter = others.quarter
        and taken.tenure_class = others.tenure_class
        and others.place between taken.place - 1 and taken.place + 2
where
    taken.is_taken
    and not others.is_taken
    and taken.customer_key != others.customer_key
