-- What made a day a consumption day until it was refunded in full (ended_on), and
-- whether nothing else did. One row per customer, day and department.
select
    supports.customer_key,
    supports.consumption_date,
    supports.department,
    supports.ended_on,
    whole.ended_on is not null as is_whole_day
from {{ ref('consumption_supports') }} as supports
inner join {{ ref('lifecycle_days') }} as whole
    on
        supports.customer_key = whole.customer_key
        and supports.consumption_date = whole.consumption_date
where supports.ended_on is not null
