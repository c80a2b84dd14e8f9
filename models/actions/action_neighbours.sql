-- Who took an action beside the two nearest below and above who had not, by what they
-- had spent before, then by day, within their cell, quarter and class of tenure.
-- One row per as-of date, action, customer, width of the cell and candidate.
with ordered as (
    select
        *,
        sum(cast(not is_taken as integer)) over (
            partition by
                as_of_date,
                action,
                width,
                department,
                clinic_id,
                quarter_date,
                tenure_class
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
    near.customer_key as match_key,
    near.index_date as match_date,
    near.before_amount as match_before_amount,
    abs(taken.before_amount - near.before_amount) as gap_amount,
    abs(date_diff('day', taken.index_date, near.index_date)) as gap_days
from ordered as taken
inner join ordered as near
    on
        taken.as_of_date = near.as_of_date
        and taken.action = near.action
        and taken.width = near.width
        and taken.department is not distinct from near.department
        and taken.clinic_id is not distinct from near.clinic_id
        and taken.quarter_date = near.quarter_date
        and taken.tenure_class = near.tenure_class
        and near.place between taken.place - 1 and taken.place + 2
where
    taken.is_taken
    and not near.is_taken
    and taken.customer_key != near.customer_key
