-- What makes a day a consumption day, and until when: a purchase until it is refunded in
-- full (ended_on), a treatment for good. One row per order and treatment.
{{ config(materialized='view') }}
with full_refunds as (
    select
        order_sk,
        min(refund_date) as refund_date
    from {{ ref('order_refunds') }}
    where refunded_amount >= paid_amount
    group by order_sk
)

select
    orders.customer_sk,
    orders.order_date as consumption_date,
    orders.department,
    full_refunds.refund_date as ended_on
from {{ ref('order_facts') }} as orders
left join full_refunds on orders.order_sk = full_refunds.order_sk
where
    orders.paid_amount > 0
    and coalesce(full_refunds.refund_date > orders.order_date, true)
union all
select
    customer_sk,
    visit_date as consumption_date,
    department,
    cast(null as date) as ended_on
from {{ ref('treatment_visits') }}
