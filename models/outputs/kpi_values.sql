-- The KPIs of every complete month, as seed kpis defines them. Null where the feed is missing
-- or the days that a KPI waits for are not over.
-- One row per month, clinic, model, tier and KPI.
{%- set names = [
    'is_member', 'net_amount', 'all_net_amount', 'profit_amount', 'all_profit_amount',
    'top_profit_amount', 'purchase_amount', 'purchases', 'has_repurchased', 'had_bought',
    'is_active', 'value_amount', 'valued', 'net_promoters', 'nps_answers', 'csat_score',
    'csat_answers', 'contact_gain', 'contact_cost', 'single_debuts', 'debuts', 'high_value',
    'member_net_amount', 'calls',
] %}
{%- set lead_names = ['leads', 'converted', 'lead_value_amount', 'cost_amount'] %}
with policy as (
    {{ active_policy(['kpi_retention_days', 'action_result_days']) }}
),

totals as (
    select
        months.month_date,
        months.clinic_id,
        sum(months.net_amount) filter (where months.model = '*') as all_net_amount,
        sum(months.profit_amount) filter (where months.model = '*') as all_profit_amount,
        coalesce(sum(months.is_member) filter (
            where months.model = 'final' and high_value.tier is not null
        ), 0) as high_value,
        coalesce(sum(months.net_amount) filter (
            where months.model = 'member' and months.tier not in ('bronze', 'new_this_month')
        ), 0) as member_net_amount
    from {{ ref('kpi_months') }} as months
    left join {{ ref('high_value_tiers') }} as high_value
        on months.model = high_value.model and months.tier = high_value.tier
    group by months.month_date, months.clinic_id
),

counted as (
    select
        months.*,
        totals.all_net_amount,
        totals.all_profit_amount,
        totals.high_value,
        totals.member_net_amount,
        months.promoters - months.detractors as net_promoters,
        months.contact_profit - months.contact_cost as contact_gain
    from {{ ref('kpi_months') }} as months
    inner join totals
        on months.month_date = totals.month_date and months.clinic_id = totals.clinic_id
),

channels as (
    select * from {{ ref('lead_months') }}
),

told (month_date, clinic_id, model, tier, kpi, unit, feed, closed, numerator, denominator, is_rate) as (
    {% for relation, place, level, columns in [
        ('counted', 'told.clinic_id, told.model, told.tier',
            "kpis.level = 'tier' or (kpis.level = 'clinic' and told.model = '*')", names),
        ('channels', "'*', 'acquisition_channel', told.channel", "kpis.level = 'channel'",
            lead_names),
    ] %}
        select
            told.month_date,
            {{ place }},
            kpis.kpi,
            kpis.unit,
            kpis.feed,
            kpis.closed,
            {%- for side in ['numerator', 'denominator'] %}
            cast(case kpis.{{ side }}
                {%- for name in columns %}
                when '{{ name }}' then told.{{ name }}
                {%- endfor %}
            end as decimal(18, 2)),
            {%- endfor %}
            kpis.denominator is not null
        from {{ relation }} as told
        inner join {{ ref('kpis') }} as kpis on {{ level }}
        where kpis.numerator is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

known as (
    select
        told.*,
        coalesce(case told.feed
            {%- for feed in ['surveys', 'outreach', 'acquisition_costs'] %}
            when '{{ feed }}' then {{ is_fed(feed) }}
            {%- endfor %}
        end, true)
        and policy.as_of_date >= case told.closed
            when 'retention'
                then {{ days_after('told.month_date', 'policy.kpi_retention_days - 1') }}
            when 'after_month'
                then {{ days_after(month_after('told.month_date'), 'policy.kpi_retention_days - 1') }}
            when 'results'
                then {{ days_after(month_after('told.month_date'), 'policy.action_result_days - 1') }}
            else told.month_date
        end as is_known
    from told
    inner join policy
        on
            policy.as_of_date = {{ last_day_described() }}
            and policy.scope_id = {{ chain_scope() }}
)

select
    {{ columns_of('known', ['month_date', 'clinic_id', 'model', 'tier', 'kpi']) }},
    case when known.is_known then known.numerator end as numerator,
    case when known.is_known and known.is_rate then known.denominator end as denominator,
    case
        when not known.is_known then null
        when not known.is_rate then cast(known.numerator as decimal(18, 4))
        when known.unit = 'points' then {{ exact_ratio('100 * known.numerator', 'known.denominator', 4) }}
        else {{ exact_ratio('known.numerator', 'known.denominator', 4) }}
    end as value
from known
