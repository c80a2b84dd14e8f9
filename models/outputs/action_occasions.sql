-- Who has an occasion, due on the day, for which action: of a tier that they hold, or of a
-- moment. A tier's comes round again after each cool-down; a moment's comes once.
-- `began_on`: null where that was before history; it counts from the first contact then.
-- One row per customer, as-of date, rule set and action.
{%- set key = ['customer_sk', 'as_of_date', 'ruleset', 'action', 'model', 'tier'] %}
{%- set stakes = ['predicted_12m_amount', 'average_order_value', 'net_amount_365'] %}
{%- set first_due = days_after(
    "coalesce(begun.began_on, case when rules.rule = 'tier_held' "
    ~ 'then customers.first_contact_date end)', 'rules.delay_days'
) %}
{%- set placed = ['as_of_date', 'ruleset', 'scope_id'] %}
with rules as (
    select * from {{ ref('action_rules') }}
),

held as (
    {% for name in var('tier_models') + var('medical_tier_models') %}
        {%- set is_medical = name in var('medical_tier_models') %}
        select
            {{ columns_of('customers', key[:3] + ['customer_key']) }},
            {{ columns_of('rules', key[3:]) }}
        from {{ ref('medical_tiers' if is_medical else 'customer_tiers') }} as customers
        inner join rules
            on
                {{ named_equal('customers', 'rules', placed) }}
                and rules.model = '{{ name }}' and customers.{{ name }}_tier = rules.tier
        where
            rules.rule in ('tier_held', 'tier_entered')
            and coalesce(rules.and_tier = case rules.and_model
                {%- for other in (var('medical_tier_models') if is_medical else var('tier_models')) %}
                when '{{ other }}' then customers.{{ other }}_tier
                {%- endfor %}
            end, rules.and_model is null)
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

entered as (
    {{ last_moves('select rules.model from rules') | indent(4) }}
),

stays as (
    select
        intervals.customer_sk,
        dates.as_of_date,
        'lifecycle' as model,
        intervals.stage,
        intervals.valid_from
    from {{ ref('lifecycle_intervals') }} as intervals
    inner join {{ ref('as_of_dates') }} as dates
        on
            intervals.valid_from <= dates.as_of_date
            and coalesce(intervals.next_from > dates.as_of_date, true)
),

begun as (
    select
        {{ columns_of('held', key) }},
        case
            when stays.stage = held.tier then stays.valid_from
            when entered.tier = held.tier then {{ days_after('entered.from_date', 1) }}
            when entered.tier is not null then held.as_of_date
        end as began_on,
        cast(null as date) as ends_on,
        cast(null as varchar) as falls_to,
        cast(null as varchar) as item
    from held
    left join entered
        on
            held.customer_key = entered.customer_key
            and held.model = entered.model
            and held.as_of_date = entered.as_of_date
    left join stays
        on
            held.customer_sk = stays.customer_sk
            and held.as_of_date = stays.as_of_date
            and held.model = stays.model
    union all
    select * from {{ ref('action_moments') }}
),

dated as (
    select
        begun.*,
        customers.customer_key,
        customers.scope_id,
        coalesce(customers.clinic_id, 'unknown') as clinic_id,
        {{ columns_of('rules', [
            'rule', 'kind', 'owner', 'channel', 'priority', 'valid_days', 'cooldown_days',
        ]) }},
        case rules.stake
            {%- for measure in stakes %}
            when '{{ measure }}' then cast(customers.{{ measure }} as decimal(18, 2))
            {%- endfor %}
        end as stake_amount,
        case
            when rules.rule = 'tier_held' then {{ days_after(
                first_due,
                'greatest(floor(' ~ days_between(first_due, 'begun.as_of_date')
                ~ ' / rules.cooldown_days), 0) * rules.cooldown_days'
            ) }}
            else {{ first_due }}
        end as due_on
    from begun
    inner join {{ ref('customer_tiers') }} as customers
        on {{ same_placement('begun', 'customers') }}
    inner join rules
        on
            {{ named_equal('customers', 'rules', placed) }}
            and begun.action = rules.action
)

select
    *,
    least({{ days_after('due_on', 'valid_days') }}, ends_on) as expires_on
from dated
where
    due_on <= as_of_date
    and as_of_date <= {{ days_after('due_on', 'valid_days') }}
    and coalesce(as_of_date <= ends_on, true)
