-- What makes a day a consumption day, from when on and until when: a purchase until it is
-- refunded in full, a treatment for good; a purchase whose department moves (a line of it was
-- refunded in full) is told in parts. One row per part of an order and per treatment.
{{ config(materialized='view') }}
with undone as (
    {{ undone_orders() }}
),

departments (order_sk, department, started_on, is_move) as (
    select
        order_sk,
        department,
        order_date,
        0
    from {{ ref('order_facts') }}
    union all
    select distinct
        order_sk,
        department_since,
        returned_date,
        1
    from {{ ref('returned_lines') }}
),

parts as (
    select
        *,
        lead(started_on) over (
            partition by order_sk order by started_on asc, is_move asc
        ) as moved_on
    from departments
)

select
    orders.customer_sk,
    orders.order_date as consumption_date,
    parts.department,
    greatest(parts.started_on, orders.order_date) as started_on,
    least(
        coalesce(undone.undone_date, parts.moved_on),
        coalesce(parts.moved_on, undone.undone_date)
    ) as ended_on
from {{ ref('order_facts') }} as orders
inner join parts on orders.order_sk = parts.order_sk
left join undone on orders.order_sk = undone.order_sk
where
    orders.paid_amount > 0
    and coalesce(undone.undone_date > parts.started_on, true)
    and coalesce(parts.moved_on > orders.order_date, true)
    and coalesce(parts.moved_on > parts.started_on, true)
union all
select
    customer_sk,
    visit_date as consumption_date,
    department,
    visit_date as started_on,
    cast(null as date) as ended_on
from {{ ref('treatment_visits') }}
