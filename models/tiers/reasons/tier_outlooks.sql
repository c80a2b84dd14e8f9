-- Until when each tier is kept if nothing new happens, and what comes then: by the day on
-- which each condition turns; day by day only where refunds or shares may turn back.
-- One row per customer, as-of date and rule set.
{%- set conditions = foretold_conditions(var('tier_models')) %}
{%- set uneven = uneven_models(conditions) %}
{%- set retold = conditions | selectattr('model', 'in', uneven) | list %}
{%- set key = ['customer_sk', 'as_of_date', 'ruleset'] %}
with policy as (
    {{ policy_columns(foretold_thresholds(conditions)) }}
),

moved as (
    select
        {{ moved_measures(conditions) | indent(4) }}
    from {{ ref('measure_words') }} as words
    left join {{ ref('measures') }} as measures on words.measure = measures.measure
),

events as (
    select
        customer_sk,
        as_of_date,
        measure,
        event_date,
        amount,
        cast(sum(amount) over (
            partition by customer_sk, as_of_date, measure order by event_date desc
        ) as decimal(18, 4)) as so_far
    from {{ ref('measure_events') }}
),

deciding as (
    select
        {{ named_columns('measures', key) }},
        {% for measure in ['net_amount', 'earning_amount'] -%}
            bool_or(events.measure = '{{ measure }}' and events.amount < 0)
                as {{ measure }}_uneven,
        {% endfor -%}
        bool_or(events.measure = 'referral_conversion_rate')
            as referral_conversion_rate_uneven,
        {{ deciding_events(conditions) | indent(4) }}
    from {{ ref('customer_tiers') }} as measures
    inner join events
        on
            measures.customer_sk = events.customer_sk
            and measures.as_of_date = events.as_of_date
    inner join policy on {{ policy_of('measures', true) | indent(8) }}
    group by {{ named_columns('measures', key) }}
),

states as (
    select
        {{ named_columns('measures', key + ['customer_key', 'scope_id']) }},
        {% for model in var('tier_models') %}measures.{{ model }}_tier, {% endfor %}
        deciding.net_amount_uneven,
        deciding.earning_amount_uneven,
        deciding.referral_conversion_rate_uneven,
        {{ condition_states(conditions) | indent(4) }}
    from {{ ref('customer_tiers') }} as measures
    inner join policy on {{ policy_of('measures', true) | indent(8) }}
    left join deciding on {{ named_equal('measures', 'deciding', key) }}
    cross join moved
),

turns as (
    select
        *,
        {{ grace_turns(conditions, 'as_of_date') | indent(4) }}
    from states
),

changes as (
    select
        *,
        {% for model in uneven %}{{ is_uneven(model, conditions) }},
        {% endfor -%}
        {% for model in var('tier_models') -%}
            {{ first_change(model, conditions) | indent(4) }}{{ ',' if not loop.last }}
        {% endfor %}
    from turns
),

placed as (
    select
        *,
        {% for model in var('tier_models') -%}
            case when {{ model }}_on is not null then
                {{ tier_on(model, conditions, model ~ '_on') | indent(4) }}
            end as {{ model }}_then{{ ',' if not loop.last }}
        {% endfor %}
    from changes
),

retold as (
    {{ retold_day_by_day(retold, uneven, key) | indent(4) }}
)

select
    {{ named_columns('placed', key + ['customer_key']) }},
    {% for model in var('tier_models') -%}
        {%- set told = 'case when placed.' ~ model ~ '_uneven then retold.' ~ model
            ~ '_%s else placed.' ~ model ~ '_%s end' if model in uneven
            else 'placed.' ~ model ~ '_%s' -%}
        {%- set then, day = told.replace('%s', 'then'), told.replace('%s', 'on') -%}
        case when {{ then }} != 'open' then {{ day }} end as {{ model }}_lapses_on,
        nullif({{ then }}, 'open') as {{ model }}_falls_to,
        coalesce({{ then }} = 'open', false) as {{ model }}_is_open
        {{- ',' if not loop.last }}
    {% endfor %}
from placed
left join retold on {{ named_equal('placed', 'retold', key) }}
