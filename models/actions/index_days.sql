-- Days from which before and after are reckoned: the days of actions, and of everybody
-- one consumption day a quarter, drawn by hash, to be compared with.
-- One row per customer, day and as-of date.
{{ config(meta={'recompute': 'customer'}) }}
with drawn as (
    select
        as_of_date,
        customer_key,
        arg_min(
            consumption_date,
            md5(cast(customer_key as varchar) || cast(consumption_date as varchar))
        ) as index_date
    from {{ ref('consumption_days') }}
    group by as_of_date, customer_key, date_trunc('quarter', consumption_date)
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
from {{ ref('high_value_actions_taken') }}
