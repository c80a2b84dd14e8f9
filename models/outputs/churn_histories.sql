-- What was known of each buyer on the as-of date (place null) and, where a fit is due (var
-- fit_outlooks), on the last month end (0) and a window before each of these (1, 2 …).
-- One row per place and buyer.
{%- set fits = this.incorporate(path={'identifier': 'churn_fits'}) %}
{%- set fitted = load_relation(fits) if var('fit_outlooks') == 'monthly' else none %}
with policy as (
    {{ policy_row(['churn_window_days', 'churn_active_days']) }}
),

scale as (
    select
        as_of_date,
        churn_window_days,
        churn_active_days,
        {{ days_after(month_start(days_after('as_of_date', 1)), -1) }} as fit_date
    from policy
    where
        as_of_date = {{ last_day_described() }}
        and ruleset = '{{ var("ruleset") }}'
        and scope_id = {{ chain_scope() }}
),

due as (
    select scale.* from scale
    {%- if fitted is not none %}
        where scale.fit_date not in (select fitted.fit_date from {{ fitted }} as fitted)
    {%- endif %}
),

places (place, day) as (
    select
        cast(null as integer),
        as_of_date
    from scale
    {% for place in range(var('churn_windows') + 1) %}
        union all
        select
            {{ place }},
            {{ days_after('fit_date', '-' ~ place ~ ' * churn_window_days') }}
        from due
    {% endfor %}
),

money as (
    {{ money_by_key() }}
),

histories as (
    {{ churn_histories('money', 'places', '(select churn_window_days from scale)') }}
),

events as (
    select
        bridge.customer_key,
        visits.visit_date as day,
        'visit' as kind
    from {{ ref('visits') }} as visits
    inner join {{ ref('customer_bridge') }} as bridge
        on visits.record_sk = bridge.record_sk
    where visits.status = 'arrived'
    union all
    select
        bridge.customer_key,
        interactions.interaction_date as day,
        'interaction' as kind
    from {{ ref('interactions') }} as interactions
    inner join {{ ref('customer_bridge') }} as bridge
        on interactions.record_sk = bridge.record_sk
),

seen as (
    select
        events.customer_key,
        days.day,
        {% for kind in ['visit', 'interaction'] %}
            min({{ days_between('events.day', 'days.day') }})
                filter (where events.kind = '{{ kind }}') as days_since_{{ kind }},
            count(*) filter (
                where
                    events.kind = '{{ kind }}'
                    and {{ days_between('events.day', 'days.day') }} < scale.churn_window_days
            ) as recent_{{ kind }}s{{ ',' if not loop.last }}
        {% endfor %}
    from events
    inner join (select distinct day from places) as days on events.day <= days.day
    cross join scale
    group by events.customer_key, days.day
)

select
    histories.*,
    histories.days_since_last <= scale.churn_active_days as is_active,
    scale.fit_date,
    scale.churn_window_days,
    {% for kind in ['visit', 'interaction'] %}
        cast(seen.days_since_{{ kind }} as integer) as days_since_{{ kind }},
        case when {{ is_fed(kind ~ 's') }} then cast(coalesce(seen.recent_{{ kind }}s, 0) as integer) end
            as recent_{{ kind }}s{{ ',' if not loop.last }}
    {% endfor %}
from histories
cross join scale
left join seen
    on histories.customer_key = seen.customer_key and histories.day = seen.day
