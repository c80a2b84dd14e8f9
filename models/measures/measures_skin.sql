-- Skin tests taken, and the latest value of each indicator.
-- One row per customer tested and as-of date. Medical data.
with tests as (
    select
        tests.*,
        bridge.customer_key,
        dates.as_of_date
    from {{ ref('skin_tests') }} as tests
    inner join {{ ref('customer_bridge') }} as bridge
        on
            tests.source = bridge.source
            and tests.customer_id = bridge.customer_id
    inner join {{ ref('as_of_dates') }} as dates
        on tests.test_date <= dates.as_of_date
)

select
    customer_key,
    as_of_date,
    count(*) as skin_tests_lifetime,
    {{ latest('moisture_pct', 'test_date', 'skin_test_id') }} as moisture_pct,
    {{ latest('pigmentation_pct', 'test_date', 'skin_test_id') }} as pigmentation_pct,
    {{ latest('collagen_density_pct', 'test_date', 'skin_test_id') }}
        as collagen_density_pct,
    {{ latest('uv_damage_index', 'test_date', 'skin_test_id') }} as uv_damage_index,
    {{ latest('skin_problem_index', 'test_date', 'skin_test_id') }}
        as skin_problem_index
from tests
group by customer_key, as_of_date
