-- What makes a day a consumption day: a purchase until it is refunded in full
-- (ended_on), a treatment for good. One row per customer, day and department.
{{ config(meta={'in_parts': true, 'stored_by': ['customer_key']}) }}
with full_refunds as (
    select
        source,
        order_id,
        min(refund_date) as refund_date
    from {{ ref('order_refunds') }}
    where refunded_amount >= paid_amount
    group by source, order_id
),

supports (customer_key, consumption_date, department, ended_on) as (
    select
        orders.customer_key,
        orders.order_date,
        orders.department,
        full_refunds.refund_date
    from {{ ref('paid_orders') }} as orders
    left join full_refunds
        on
            orders.source = full_refunds.source
            and orders.order_id = full_refunds.order_id
    where orders.paid_amount > 0
    union all
    select
        customer_key,
        visit_date,
        department,
        null
    from {{ ref('treatment_visits') }}
)

select
    supports.customer_key,
    supports.consumption_date,
    supports.department,
    case when count(*) = count(supports.ended_on) then max(supports.ended_on) end
        as ended_on
from supports
where coalesce(supports.ended_on > supports.consumption_date, true)
group by supports.customer_key, supports.consumption_date, supports.department
