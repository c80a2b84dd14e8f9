-- Skin tests taken. One row per customer tested and as-of date. Medical data.
select
    bridge.customer_key,
    dates.as_of_date,
    count(*) as skin_tests_lifetime
from {{ ref('skin_tests') }} as tests
inner join {{ ref('customer_bridge') }} as bridge
    on
        tests.source = bridge.source
        and tests.customer_id = bridge.customer_id
inner join {{ ref('as_of_dates') }} as dates
    on tests.test_date <= dates.as_of_date
group by bridge.customer_key, dates.as_of_date
