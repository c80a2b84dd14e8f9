-- Days on which something happened that the rules of high_value_actions ask about, with
-- what their argument is held against: a text or a count.
-- One row per as-of date, rule, customer, day and value.
{{ config(materialized='view') }}
select
    dates.as_of_date,
    'card_opened' as action_rule,
    bridge.customer_key,
    cards.opened_date as action_date,
    cast(null as varchar) as text_value,
    cast(null as bigint) as count_value
from {{ ref('cards') }} as cards
inner join {{ ref('customer_bridge') }} as bridge
    on
        cards.source = bridge.source
        and cards.customer_id = bridge.customer_id
inner join {{ ref('as_of_dates') }} as dates
    on cards.opened_date <= dates.as_of_date
union all
select
    as_of_date,
    'referral_made' as action_rule,
    referrer_key as customer_key,
    referral_date as action_date,
    null as text_value,
    null as count_value
from {{ ref('referral_conversions') }}
union all
select
    debuts.as_of_date,
    rules.action_rule,
    debuts.customer_key,
    debuts.debut_date as action_date,
    debuts.category as text_value,
    null as count_value
from {{ ref('category_purchases') }} as debuts
inner join {{ ref('measures_purchase') }} as purchase
    on {{ same_customer('debuts', 'purchase') }}
inner join (values ('new_category'), ('category_bought')) as rules (action_rule)
    on
        rules.action_rule = 'category_bought'
        or debuts.debut_date > purchase.first_purchase_date
union all
select
    bought.as_of_date,
    rules.action_rule,
    bought.customer_key,
    bought.order_date as action_date,
    null as text_value,
    case
        when rules.action_rule = 'purchase_days' then bought.day_number
        else bought.orders
    end as count_value
from {{ ref('purchase_days') }} as bought
inner join (
    values ('purchase_days'), ('orders_on_treatment_day')
) as rules (action_rule)
    on rules.action_rule = 'purchase_days' or bought.is_treatment_day
