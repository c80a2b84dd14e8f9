-- The chain's KPIs of all customers, each as of the newest month that knows it, with the
-- twelve months up to it.
with told as (
    select kpis.*
    from mart_tier_kpis as kpis
    inner join published on kpis.ruleset = published.ruleset
    where kpis.clinic_id = '*' and kpis.tier = '*' and kpis.value is not null
        -- Of all customers these shares are 1.
        and kpis.kpi not in ('revenue_share', 'profit_share')
),

placed as (
    select
        *, row_number() over (partition by kpi order by month_date desc) as place,
        max(month_date) over (partition by kpi) as newest
    from told
)

select
    kpi, any_value(label_zh) as label_zh, any_value(label_en) as label_en,
    any_value(formula_zh) as formula_zh, any_value(formula_en) as formula_en,
    any_value(unit) as unit, any_value(is_better_high) as is_better_high,
    any_value(target) as target, any_value(source) as source, max(month_date) as month_date,
    max(value) filter (where place = 1) as value,
    max(previous_month_value) filter (where place = 1) as previous_month_value,
    max(last_year_value) filter (where place = 1) as last_year_value,
    list(value order by month_date) filter (
        where month_date >= newest - interval 12 month
    ) as course
from placed
group by kpi
order by kpi
