-- Appointments and what became of them. One row per raw row of the three lists. A
-- booking on the no-show list is that no-show; one with a receipt that day arrived; any
-- other is `booked`. A cancelled booking leaves its list, so it has an id of its own.
{{ config(enabled='salon' in var('sources')) }}
with receipt_days as (
    select distinct
        customer_id,
        order_date
    from {{ ref('stg_salon__receipts') }}
),

missed as (
    select distinct
        customer_id,
        visit_date,
        service_code,
        staff_name
    from {{ ref('stg_salon__noshows') }}
)

select
    listed.customer_id,
    listed.visit_date,
    listed.cancelled_date,
    listed.unparsable_column,
    listed.raw_table,
    listed.is_carrier,
    listed.file_name,
    listed.row_number,
    listed.loaded_at,
    listed.row_id,
    listed.file_part,
    'salon' as clinic_id,
    'hair' as department,
    concat_ws(
        '-', listed.customer_id, cast(listed.visit_date as varchar),
        listed.service_code, listed.staff_name,
        case listed.listing when 'cancellations' then 'cancelled' end,
        cast(listed.cancelled_date as varchar)
    ) as visit_id,
    'services:' || listed.service_code as product_id,
    case
        when listed.service_code = 'CON' then 'consultation'
        else 'treatment'
    end as visit_type,
    case
        when listed.listing = 'cancellations' then 'cancelled'
        when missed.visit_date is not null or listed.listing = 'noshows' then 'no_show'
        when receipt_days.order_date is not null then 'arrived'
        else 'booked'
    end as status
from {{ ref('stg_salon__appointments') }} as listed
left join missed
    on listed.customer_id = missed.customer_id
    and listed.visit_date = missed.visit_date
    and listed.service_code = missed.service_code
    and listed.staff_name = missed.staff_name
left join receipt_days
    on listed.customer_id = receipt_days.customer_id
    and listed.visit_date = receipt_days.order_date
