-- What followed each contact: a response, and purchases within action_result_days, each
-- credited to the last contact before it. One row per contact.
{%- set days = 'action_result_days' %}
with policy as (
    {{ active_policy([days]) }}
),

contacts as (
    select
        outreach.source,
        outreach.outreach_id,
        bridge.customer_sk,
        profiles.customer_key,
        outreach.contact_date,
        outreach.campaign,
        outreach.contact_channel,
        coalesce(outreach.cost_amount, 0) as cost_amount,
        coalesce(
            outreach.has_responded
            and coalesce(outreach.response_date, outreach.contact_date)
            <= {{ last_day_described() }},
            false
        ) as has_responded,
        {{ days_after('outreach.contact_date', 'policy.' ~ days) }} as window_end,
        row_number() over (
            partition by bridge.customer_sk
            order by outreach.contact_date asc, outreach.source asc, outreach.outreach_id asc
        ) as contact_number
    from {{ ref('outreach') }} as outreach
    inner join {{ ref('customer_bridge') }} as bridge
        on outreach.record_sk = bridge.record_sk
    inner join {{ ref('customer_profiles') }} as profiles
        on bridge.customer_sk = profiles.customer_sk
    inner join policy
        on
            policy.as_of_date = {{ last_day_described() }}
            and policy.scope_id = {{ chain_scope() }}
    where outreach.contact_date <= {{ last_day_described() }}
),

credited as (
    select
        purchases.customer_sk,
        purchases.order_sk,
        purchases.profit_amount,
        purchases.net_amount,
        max(contacts.contact_number) as contact_number
    from {{ ref('month_purchases') }} as purchases
    inner join contacts
        on
            purchases.customer_sk = contacts.customer_sk
            and purchases.order_date > contacts.contact_date
            and purchases.order_date <= contacts.window_end
    group by
        purchases.customer_sk, purchases.order_sk, purchases.profit_amount,
        purchases.net_amount
),

earned as (
    select
        customer_sk,
        contact_number,
        count(*) as purchases,
        sum(net_amount) as net_amount,
        sum(profit_amount) as profit_amount
    from credited
    group by customer_sk, contact_number
)

select
    contacts.source,
    contacts.outreach_id,
    contacts.customer_sk,
    contacts.customer_key,
    contacts.contact_date,
    {{ month_start('contacts.contact_date') }} as month_date,
    contacts.campaign,
    contacts.contact_channel,
    contacts.cost_amount,
    contacts.has_responded,
    cast(coalesce(earned.purchases, 0) as integer) as purchases,
    cast(coalesce(earned.net_amount, 0) as decimal(18, 2)) as net_amount,
    cast(coalesce(earned.profit_amount, 0) as decimal(18, 2)) as profit_amount,
    -- Its days are over.
    contacts.window_end <= {{ last_day_described() }} as is_complete
from contacts
left join earned
    on
        contacts.customer_sk = earned.customer_sk
        and contacts.contact_number = earned.contact_number
