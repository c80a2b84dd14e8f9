-- The salon's three lists of appointments as one: booked, cancelled, not kept.
-- One row per raw row.
{{ config(enabled='salon' in var('sources')) }}
{% for list in ['bookings', 'cancellations', 'noshows'] %}
select
    '{{ list }}' as listing,
    customer_id,
    visit_date,
    {{ 'cancelled_date' if list == 'cancellations' else 'null' }} as cancelled_date,
    service_code,
    staff_name,
    unparsable_column,
    raw_table,
    is_carrier,
    file_name,
    row_number,
    loaded_at,
    row_id,
    file_part
from {{ ref('stg_salon__' ~ list) }}
{{ 'union all' if not loop.last }}
{%- endfor %}
