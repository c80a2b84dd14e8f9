-- The KPIs of every complete month beside those of the month before and of the same month
-- last year (seed kpis is their dictionary). The tier is that of the month's first day.
-- One row per month, clinic ('*': all), model ('*': all customers), tier and KPI.
with monthly as (
    select * from {{ ref('kpi_values') }}
    union all
    select
        {{ columns_of('now', ['month_date', 'clinic_id', 'model', 'tier']) }},
        'ltv_growth' as kpi,
        cast(now.value as decimal(18, 2)) as numerator,
        cast(past.value as decimal(18, 2)) as denominator,
        {{ exact_ratio('now.value - past.value', 'past.value', 4) }} as value
    from {{ ref('kpi_values') }} as now
    left join {{ ref('kpi_values') }} as past
        on
            {{ named_equal('now', 'past', ['clinic_id', 'model', 'tier', 'kpi']) }}
            and past.month_date = {{ month_after('now.month_date', -12) }}
    where now.kpi = 'ltv'
)

select
    monthly.month_date,
    '{{ var("ruleset") }}' as ruleset,
    {{ columns_of('monthly', ['clinic_id', 'model', 'tier', 'kpi']) }},
    kpis.label_en,
    kpis.label_zh,
    kpis.formula_en,
    kpis.formula_zh,
    kpis.unit,
    {{ columns_of('monthly', ['value', 'numerator', 'denominator']) }},
    before.value as previous_month_value,
    past.value as last_year_value,
    kpis.target,
    kpis.is_better_high,
    kpis.source
from monthly
inner join {{ ref('kpis') }} as kpis on monthly.kpi = kpis.kpi
left join monthly as before
    on
        {{ named_equal('monthly', 'before', ['clinic_id', 'model', 'tier', 'kpi']) }}
        and before.month_date = {{ month_after('monthly.month_date', -1) }}
left join monthly as past
    on
        {{ named_equal('monthly', 'past', ['clinic_id', 'model', 'tier', 'kpi']) }}
        and past.month_date = {{ month_after('monthly.month_date', -12) }}
