-- What is to be done with which customer on the day, and what keeps it off the list: `held_by`, the
-- first that does; null, it is on the list. Real contacts count since the occasion began.
-- Medical facts decide some. One row per customer, as-of date, rule set and action.
{%- set limits = ['action_sales_max_per_day', 'action_sales_max_in_period', 'action_period_days'] %}
{%- set owners = ['consultant', 'service', 'manager', 'private_domain', 'medical'] %}
{%- set capacities = [] %}
{%- for owner in owners %}{% do capacities.append('action_capacity_' ~ owner) %}{% endfor %}
{%- set first = 'priority asc, stake_amount desc nulls last, action asc' %}
with policy as (
    {{ policy_row(limits + capacities) }}
),

contacts as (
    select
        customers.customer_sk,
        customers.as_of_date,
        customers.ruleset,
        max(outreach.contact_date) as last_contact_date,
        max(outreach.contact_date) filter (where outreach.contact_channel = 'phone')
            as last_call_date,
        count(*) filter (where outreach.contact_date = customers.as_of_date)
            as contacts_today,
        count(*) filter (
            where outreach.contact_date
            > {{ days_after('customers.as_of_date', '-policy.action_period_days') }}
        ) as contacts_in_period
    from {{ ref('outreach') }} as outreach
    inner join {{ ref('customer_bridge') }} as bridge on outreach.record_sk = bridge.record_sk
    inner join {{ ref('customer_tiers') }} as customers
        on bridge.customer_sk = customers.customer_sk and outreach.contact_date <= customers.as_of_date
    inner join policy on {{ policy_of('customers', true) }}
    group by customers.customer_sk, customers.as_of_date, customers.ruleset
),

met as (
    select
        occasions.*,
        policy.action_sales_max_per_day,
        policy.action_sales_max_in_period,
        case occasions.owner
            {%- for owner in owners %}
            when '{{ owner }}' then policy.action_capacity_{{ owner }}
            {%- endfor %}
        end as capacity,
        occasions.kind = 'sales' as is_sales,
        coalesce(care.care_risk_tier = 'intervene', false) as is_in_care,
        coalesce(contacts.contacts_today, 0) as contacts_today,
        coalesce(contacts.contacts_in_period, 0) as contacts_in_period,
        -- WeCom finds a customer by their phone, too.
        profiles.has_phone or (occasions.channel = 'wecom' and profiles.has_wechat) as has_address,
        -- A doctor's call is answered by a call only.
        case when occasions.kind = 'medical' then contacts.last_call_date else contacts.last_contact_date end
            as last_contact_date
    from {{ ref('action_occasions') }} as occasions
    inner join policy on {{ policy_of('occasions', true) }}
    inner join {{ ref('customer_profiles') }} as profiles on occasions.customer_sk = profiles.customer_sk
    left join {{ ref('medical_tiers') }} as care on {{ same_placement('occasions', 'care') }}
    left join contacts on {{ same_placement('occasions', 'contacts') }}
),

judged as (
    select
        *,
        case
            when is_sales and is_in_care then 'care_risk'
            -- Unknown where nobody has an address; the medical team finds another way.
            when kind != 'medical' and not has_address and bool_or(has_address) over (partition by channel)
                then 'unreachable'
            when
                coalesce(last_contact_date >= began_on, true)
                and {{ days_between('last_contact_date', 'as_of_date') }} < cooldown_days
                then 'cool_down'
            when is_sales and contacts_in_period >= action_sales_max_in_period
                then 'weekly_cap'
        end as held_first
    from met
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_sk, as_of_date, ruleset, is_sales, held_first
            order by {{ first }}
        ) + contacts_today as place_of_day
    from judged
),

capped as (
    select
        *,
        coalesce(held_first, case
            when is_sales and place_of_day > action_sales_max_per_day then 'daily_cap'
        end) as held_before
    from ranked
),

placed as (
    select
        *,
        row_number() over (
            partition by as_of_date, ruleset, clinic_id, owner, held_before
            order by {{ first | replace('action asc', 'customer_key asc, action asc') }}
        ) as place
    from capped
)

select
    {{ columns_of('placed', [
        'customer_sk', 'customer_key', 'as_of_date', 'ruleset', 'scope_id', 'clinic_id',
        'action', 'rule', 'kind', 'owner', 'priority', 'model', 'tier', 'falls_to', 'item',
        'began_on', 'due_on', 'expires_on', 'cooldown_days', 'stake_amount',
        'last_contact_date',
    ]) }},
    coalesce(
        placed.held_before, case when placed.place > placed.capacity then 'capacity' end
    ) as held_by,
    case when placed.held_before is null then cast(placed.place as integer) end as place
from placed
