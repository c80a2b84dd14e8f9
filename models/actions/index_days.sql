-- Days from which before and after are reckoned: of actions, and of everybody one day
-- of consumption a quarter, drawn by hash, to be compared with; in a large chain of
-- those drawn only. One row per customer, day and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
with draws as (
    select distinct
        as_of_date,
        candidates_one_in
    from {{ ref('action_draws') }}
),

drawn as (
    select
        consumed.as_of_date,
        consumed.customer_key,
        arg_min(
            consumed.consumption_date,
            md5(
                cast(consumed.customer_key as varchar)
                || cast(consumed.consumption_date as varchar)
            )
        ) as index_date
    from {{ ref('consumption_days') }} as consumed
    inner join draws
        on
            consumed.as_of_date = draws.as_of_date
            and {{ is_drawn('consumed.customer_key', 'draws.candidates_one_in') }}
    group by
        consumed.as_of_date,
        consumed.customer_key,
        date_trunc('quarter', consumed.consumption_date)
)

select
    as_of_date,
    customer_key,
    index_date
from drawn
union
select
    as_of_date,
    customer_key,
    action_date as index_date
from {{ ref('action_takers') }}
where is_drawn
