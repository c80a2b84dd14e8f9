-- Skin tests taken, and the latest value of each indicator.
-- One row per customer tested and as-of date. Medical data.
{%- set latest = '(tests.test_date, tests.source, tests.skin_test_id)' %}
select
    bridge.customer_key,
    dates.as_of_date,
    count(*) as skin_tests_lifetime,
    {% for indicator in [
        'moisture_pct', 'pigmentation_pct', 'collagen_density_pct', 'uv_damage_index',
        'skin_problem_index',
    ] %}
        arg_max(tests.{{ indicator }}, {{ latest }})
            filter (where tests.{{ indicator }} is not null)
            as {{ indicator }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('skin_tests') }} as tests
inner join {{ ref('customer_bridge') }} as bridge
    on
        tests.source = bridge.source
        and tests.customer_id = bridge.customer_id
inner join {{ ref('as_of_dates') }} as dates
    on tests.test_date <= dates.as_of_date
group by bridge.customer_key, dates.as_of_date
