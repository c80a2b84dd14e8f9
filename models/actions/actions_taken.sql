-- Who took which high-value action (article 001 §02), and when for the first time.
-- One row per as-of date that is matched, action and customer.
with purchase_days as (
    select
        bought.as_of_date,
        bought.customer_sk,
        bought.order_date,
        count(*) as orders,
        row_number() over (
            partition by bought.as_of_date, bought.customer_sk
            order by bought.order_date asc
        ) as day_number
    from {{ ref('purchases') }} as bought
    inner join {{ ref('action_days') }} as days on bought.as_of_date = days.as_of_date
    group by bought.as_of_date, bought.customer_sk, bought.order_date
),

-- What the rules ask about, with what their argument is held against.
happened as (
    select
        'card_opened' as action_rule,
        days.as_of_date,
        bridge.customer_sk,
        cards.opened_date as action_date,
        cast(null as varchar) as text_value,
        cast(null as bigint) as count_value
    from {{ ref('cards') }} as cards
    inner join {{ ref('customer_bridge') }} as bridge
        on cards.record_sk = bridge.record_sk
    inner join {{ ref('action_days') }} as days on cards.opened_date <= days.as_of_date
    union all
    select
        'referral_made' as action_rule,
        referrals.as_of_date,
        referrals.referrer_sk as customer_sk,
        referrals.referral_date as action_date,
        null as text_value,
        null as count_value
    from {{ ref('referral_conversions') }} as referrals
    where
        referrals.as_of_date in (
            select days.as_of_date from {{ ref('action_days') }} as days
        )
    union all
    select
        rules.action_rule,
        debuts.as_of_date,
        debuts.customer_sk,
        debuts.debut_date as action_date,
        debuts.category as text_value,
        null as count_value
    from {{ ref('category_purchases') }} as debuts
    inner join purchase_days as firsts
        on
            debuts.as_of_date = firsts.as_of_date
            and debuts.customer_sk = firsts.customer_sk
            and firsts.day_number = 1
    inner join (values ('new_category'), ('category_bought')) as rules (action_rule)
        on
            rules.action_rule = 'category_bought'
            or debuts.debut_date > firsts.order_date
    union all
    select
        'purchase_days' as action_rule,
        as_of_date,
        customer_sk,
        order_date as action_date,
        null as text_value,
        day_number as count_value
    from purchase_days
    union all
    select
        'orders_on_treatment_day' as action_rule,
        purchase_days.as_of_date,
        purchase_days.customer_sk,
        purchase_days.order_date as action_date,
        null as text_value,
        purchase_days.orders as count_value
    from purchase_days
    inner join {{ ref('treatment_visits') }} as treated
        on
            purchase_days.customer_sk = treated.customer_sk
            and purchase_days.order_date = treated.visit_date
)

select
    happened.as_of_date,
    actions.action,
    happened.customer_sk,
    min(happened.action_date) as action_date
from {{ ref('high_value_actions') }} as actions
inner join happened
    on
        actions.rule = happened.action_rule
        and (
            actions.argument is null
            or actions.argument = happened.text_value
            or happened.count_value >= {{ try_to('actions.argument', 'bigint') }}
        )
where actions.is_on
group by happened.as_of_date, actions.action, happened.customer_sk
