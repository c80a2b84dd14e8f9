-- Net revenue month by month: what came, and what is expected, with the model behind it and
-- how it did before. Tiers share the forecast as they shared the last twelve months.
-- One row per clinic ('*': all), headline tier ('*': all) and month.
with revenue as (
    select
        clinic_id,
        tier,
        month_date,
        numerator as amount
    from {{ ref('kpi_values') }}
    where kpi = 'revenue_share' and model in ('*', 'final') and numerator is not null
),

ahead as (
    select *
    from {{ ref('revenue_outlooks') }}
    where kind = 'forecast'
),

figures as (
    select
        clinic_id,
        max(figure) filter (where metric = 'mase' and is_used) as mase,
        max(figure) filter (where metric = 'mase' and model = 'seasonal_naive')
            as naive_mase,
        max(figure) filter (where metric = 'missed_share' and is_used) as missed_share,
        max(figure) filter (where metric = 'interval_coverage' and is_used)
            as interval_coverage
    from {{ ref('revenue_outlooks') }}
    where kind = 'figure' and band = 'all'
    group by clinic_id
),

tiers as (
    select
        clinic_id,
        tier,
        greatest(sum(amount), 0) as amount
    from revenue
    where
        tier != '*'
        and month_date > (
            select {{ month_after('max(ahead.origin_date)', -12) }} from ahead
        )
    group by clinic_id, tier
),

-- The part of the total at which a tier begins and ends, so that rounded parts add up.
parts as (
    select
        clinic_id,
        tier,
        cast(sum(amount) over upwards - amount as double)
        / nullif(sum(amount) over (partition by clinic_id), 0) as part_from,
        cast(sum(amount) over upwards as double)
        / nullif(sum(amount) over (partition by clinic_id), 0) as part_to
    from tiers
    window upwards as (
        partition by clinic_id order by tier
        rows between unbounded preceding and current row
    )
    union all
    select distinct
        clinic_id,
        '*' as tier,
        0 as part_from,
        1 as part_to
    from ahead
)

select
    '{{ var("ruleset") }}' as ruleset,
    clinic_id,
    tier,
    month_date,
    'actual' as kind,
    cast(amount as decimal(18, 2)) as amount,
    cast(null as decimal(18, 2)) as low_amount,
    cast(null as decimal(18, 2)) as high_amount,
    cast(null as date) as origin_date,
    cast(null as varchar) as model,
    {% for figure in ['mase', 'naive_mase', 'missed_share', 'interval_coverage'] %}
        cast(null as decimal(18, 4)) as {{ figure }}{{ ',' if not loop.last }}
    {% endfor %}
from revenue
union all
select
    '{{ var("ruleset") }}' as ruleset,
    ahead.clinic_id,
    parts.tier,
    ahead.month_date,
    'forecast' as kind,
    {% for amount, name in [
        ('figure', 'amount'), ('low', 'low_amount'), ('high', 'high_amount'),
    ] %}
        cast(ahead.{{ amount }} * parts.part_to as decimal(18, 2))
        - cast(ahead.{{ amount }} * parts.part_from as decimal(18, 2)) as {{ name }},
    {% endfor %}
    ahead.origin_date,
    ahead.model,
    {% for figure in ['mase', 'naive_mase', 'missed_share', 'interval_coverage'] %}
        cast(figures.{{ figure }} as decimal(18, 4)) as {{ figure }}{{ ',' if not loop.last }}
    {% endfor %}
from ahead
inner join parts on ahead.clinic_id = parts.clinic_id and parts.part_to is not null
left join figures on ahead.clinic_id = figures.clinic_id
