-- Net revenue of each complete month up to origin_date, as far as a forecast is due (var
-- fit_outlooks): none where that month is forecast already. The numbers in force stand beside
-- it. One row per month and clinic ('*': all); one without a month where none has revenue.
{%- set outlooks = this.incorporate(path={'identifier': 'revenue_outlooks'}) %}
{%- set told = load_relation(outlooks) if var('fit_outlooks') == 'monthly' else none %}
{{ config(materialized='view') }}
with policy as (
    {{ policy_row([
        'forecast_horizon_months', 'forecast_interval_share', 'forecast_min_months',
        'forecast_origins',
    ]) }}
),

scale as (
    select
        policy.*,
        {{ days_after(month_start(days_after('policy.as_of_date', 1)), -1) }} as origin_date
    from policy
    where
        policy.as_of_date = {{ last_day_described() }}
        and policy.ruleset = '{{ var("ruleset") }}'
        and policy.scope_id = {{ chain_scope() }}
),

revenue as (
    select
        {{ month_start('movements.movement_date') }} as month_date,
        profiles.home_clinic_id,
        movements.amount
    from {{ ref('money_movements') }} as movements
    inner join {{ ref('customer_profiles') }} as profiles
        on movements.customer_sk = profiles.customer_sk
    where movements.movement_date <= (select scale.origin_date from scale)
)

select
    clinics.clinic_id,
    clinics.month_date,
    clinics.amount,
    scale.origin_date,
    scale.forecast_horizon_months,
    scale.forecast_interval_share,
    scale.forecast_min_months,
    scale.forecast_origins
from scale
left join (
    {% for clinic in ["'*'", "coalesce(home_clinic_id, 'unknown')"] %}
        select
            {{ clinic }} as clinic_id,
            month_date,
            cast(sum(amount) as decimal(18, 2)) as amount
        from revenue
        group by {{ clinic }}, month_date
        {{ 'union all' if not loop.last }}
    {% endfor %}
) as clinics on true
{%- if told is not none %}
    where scale.origin_date not in (select told.origin_date from {{ told }} as told)
{%- endif %}
