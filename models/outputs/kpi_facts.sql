-- What customers did in each complete month that began with a snapshot, and whether they were
-- active in the days after its beginning. One row per customer and month.
{%- set measures = [
    'net_amount', 'profit_amount', 'purchases', 'purchase_amount', 'repurchases', 'debuts',
    'single_debuts', 'active', 'nps_answers', 'promoters', 'detractors', 'csat_answers',
    'csat_score', 'contacts', 'calls', 'contact_cost', 'contact_profit',
] %}
with policy as (
    {{ active_policy([
        'kpi_retention_days', 'nps_promoter_min_score', 'nps_detractor_max_score',
    ]) }}
),

scale as (
    select * from policy
    where as_of_date = {{ last_day_described() }} and scope_id = {{ chain_scope() }}
),

months as (
    select
        days.as_of_date as day_before,
        {{ days_after('days.as_of_date', 1) }} as month_date,
        {{ days_after('days.as_of_date', 'scale.kpi_retention_days') }} as retained_to
    from {{ ref('snapshot_days') }} as days
    cross join scale
    where
        days.ruleset = '{{ var("ruleset") }}'
        and days.snapshot_kind = 'month_end'
        and {{ month_after(days_after('days.as_of_date', 1)) }}
        <= {{ days_after(last_day_described(), 1) }}
),

consumption (customer_sk, day) as (
    select customer_sk, order_date from {{ ref('month_purchases') }}
    union
    select customer_sk, visit_date from {{ ref('treatment_visits') }}
    where visit_date <= {{ last_day_described() }}
),

debuts as (
    select
        customer_sk,
        debut_date,
        min(order_date) filter (where order_date > debut_date) as second_date
    from {{ ref('month_purchases') }}
    group by customer_sk, debut_date
),

answers as (
    select
        bridge.customer_sk,
        {{ month_start('surveys.survey_date') }} as month_date,
        surveys.nps_score,
        surveys.csat_score
    from {{ ref('surveys') }} as surveys
    inner join {{ ref('customer_bridge') }} as bridge
        on surveys.record_sk = bridge.record_sk
),

facts (customer_sk, month_date, measure, amount) as (
    {% for measure in ['net_amount', 'profit_amount'] %}
        select
            customer_sk,
            {{ month_start('movement_date') }},
            '{{ measure }}',
            {{ measure.replace('net_', '') }}
        from {{ ref('money_movements') }}
        union all
    {% endfor %}
    {% for measure, amount, source, condition in [
        ('purchases', '1', ref('month_purchases'), 'true'),
        ('purchase_amount', 'net_amount', ref('month_purchases'), 'true'),
        ('repurchases', '1', ref('month_purchases'), 'debut_date < month_date'),
        ('nps_answers', '1', 'answers', 'nps_score is not null'),
        ('promoters', '1', 'answers', 'nps_score >= (select nps_promoter_min_score from scale)'),
        ('detractors', '1', 'answers', 'nps_score <= (select nps_detractor_max_score from scale)'),
        ('csat_answers', '1', 'answers', 'csat_score is not null'),
        ('csat_score', 'csat_score', 'answers', 'csat_score is not null'),
        ('contacts', '1', ref('contact_results'), 'true'),
        ('calls', '1', ref('contact_results'), "contact_channel = 'phone'"),
        ('contact_cost', 'cost_amount', ref('contact_results'), 'true'),
        ('contact_profit', 'profit_amount', ref('contact_results'), 'true'),
    ] %}
        select
            customer_sk,
            month_date,
            '{{ measure }}',
            {{ amount }}
        from {{ source }}
        where {{ condition }}
        union all
    {% endfor %}
    select customer_sk, {{ month_start('debut_date') }}, 'debuts', 1 from debuts
    union all
    select customer_sk, {{ month_start('debut_date') }}, 'single_debuts', 1 from debuts
    where coalesce(
        second_date > {{ days_after('debut_date', '(select kpi_retention_days from scale)') }}, true
    )
    union all
    select consumption.customer_sk, months.month_date, 'active', 1
    from consumption
    inner join months
        on consumption.day > months.day_before and consumption.day <= months.retained_to
)

select
    facts.customer_sk,
    facts.month_date
    {%- for measure in measures %},
    coalesce(sum(facts.amount) filter (where facts.measure = '{{ measure }}'), 0)
        as {{ measure }}
    {%- endfor %}
from facts
inner join months on facts.month_date = months.month_date
group by facts.customer_sk, facts.month_date
