-- Who took an action beside the two nearest below and above who had not, by what they
-- had spent before, then by day, within their cell, quarter and class of tenure.
-- One row per as-of date, action, customer, width of the cell and candidate.
{%- set cell = [
    'as_of_date', 'action', 'width', 'quarter_date', 'tenure_class', 'department',
    'clinic_id',
] %}
with cells as (
    select
        {{ cell | join(', ') }},
        row_number() over (order by {{ cell | join(', ') }}) as cell_number
    from {{ ref('action_pool') }}
    group by {{ cell | join(', ') }}
    having min(is_taken) != max(is_taken)
),

ordered as (
    select
        pool.*,
        cells.cell_number,
        sum(cast(not pool.is_taken as integer)) over (
            partition by cells.cell_number
            order by
                pool.before_amount asc,
                pool.index_date asc,
                pool.is_taken asc,
                pool.customer_key asc
            rows between unbounded preceding and current row
        ) as place
    from {{ ref('action_pool') }} as pool
    inner join cells on {{ same_values(cell, 'pool', 'cells') }}
),

-- An equality for each place: a range would hold everybody in a cell against everybody.
sought as (
    {% for step in [-1, 0, 1, 2] %}
        select
            *,
            place + {{ step }} as near_place
        from ordered
        where is_taken
        {{ 'union all' if not loop.last }}
    {% endfor %}
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
from sought as taken
inner join ordered as near
    on taken.cell_number = near.cell_number and taken.near_place = near.place
where not near.is_taken and taken.customer_key != near.customer_key
