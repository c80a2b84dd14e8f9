-- Appointments and what became of them. One row per raw row of the three lists. A booking on
-- the no-show list is that same no-show; one with a receipt of the client that day arrived;
-- any other is still `booked`. Who cancels leaves the bookings: a cancellation has its own id.
{{ config(enabled='salon' in var('sources')) }}
with appointments as (
    select * from {{ ref('stg_salon__appointments') }}
),

no_shows as (
    select distinct
        customer_id,
        visit_date,
        service_code,
        staff_name
    from appointments
    where list = 'noshows'
),

receipt_days as (
    select distinct
        customer_id,
        order_date
    from {{ ref('stg_salon__receipts') }}
)

select
    appointments.*,
    concat_ws(
        '-',
        appointments.customer_id,
        cast(appointments.visit_date as varchar),
        appointments.service_code,
        appointments.staff_name,
        case when appointments.list = 'cancellations' then 'cancelled' end,
        cast(appointments.cancelled_date as varchar)
    ) as visit_id,
    'salon' as clinic_id,
    case
        when appointments.service_code = 'CON' then 'consultation'
        else 'treatment'
    end as visit_type,
    case
        when appointments.list = 'cancellations' then 'cancelled'
        when appointments.list = 'noshows' or no_shows.visit_date is not null then 'no_show'
        when receipt_days.order_date is not null then 'arrived'
        else 'booked'
    end as status,
    'hair' as department,
    'service:' || appointments.service_code as product_id
from appointments
left join no_shows using (customer_id, visit_date, service_code, staff_name)
left join receipt_days
    on appointments.customer_id = receipt_days.customer_id
    and appointments.visit_date = receipt_days.order_date
