-- Up to next_items_max items for each buyer that they have not bought yet: what follows most
-- often on what they bought on their last day, with the rule behind. For the backtest, on its
-- day and for the customers drawn, the same list again with what they have bought before.
-- One row per day described, list, customer and place.
with policy as (
    {{ active_policy(['next_items_max', 'basket_min_lift', 'basket_max_lines']) }}
),

scale as (
    select * from policy
    where as_of_date = {{ last_day_described() }} and scope_id = {{ chain_scope() }}
),

rules as (
    select * from {{ ref('item_rules') }}
    where
        level = 'item'
        and kind = 'sequence'
        and lift >= (select basket_min_lift from scale)
),

-- Of a day in the past only the customers that its rules were made of.
drawn as (
    {{ customers_of_baskets() | indent(4) }}
),

held as (
    select
        days.rules_date,
        bought.customer_sk,
        cast(bought.product_sk as varchar) as code,
        max(bought.order_date) as bought_on,
        max(max(bought.order_date)) over (
            partition by days.rules_date, bought.customer_sk
        ) as last_date
    from {{ ref('bought_items') }} as bought
    inner join (select distinct rules.rules_date from rules) as days
        on bought.order_date <= days.rules_date and bought.gone_date > days.rules_date
    where
        days.rules_date = (select scale.as_of_date from scale)
        or bought.customer_sk in (select drawn.customer_sk from drawn)
    group by days.rules_date, bought.customer_sk, bought.product_sk
),

offers as (
    select
        recent.customer_sk,
        rules.*,
        bought.code is null as is_new
    from held as recent
    inner join rules
        on recent.rules_date = rules.rules_date and recent.code = rules.antecedent
    left join held as others
        on
            {{ named_equal('recent', 'others', ['rules_date', 'customer_sk', 'bought_on']) }}
            and rules.second_antecedent = others.code
    left join held as bought
        on
            {{ named_equal('recent', 'bought', ['rules_date', 'customer_sk']) }}
            and rules.consequent = bought.code
    where
        recent.bought_on = recent.last_date
        and (rules.second_antecedent is null or others.code is not null)
),

-- The best rule for each item, then the best items.
ruled as (
    select
        lists.list,
        offers.*,
        row_number() over (
            partition by
                lists.list, offers.rules_date, offers.customer_sk, offers.consequent
            order by
                offers.confidence desc, offers.lift desc, offers.antecedent asc,
                offers.second_antecedent asc nulls first
        ) as rule_place
    from offers
    cross join scale
    inner join (values ('new'), ('any')) as lists (list)
        on
            (lists.list = 'new' and offers.is_new)
            or (lists.list = 'any' and offers.rules_date < scale.as_of_date)
),

placed as (
    select
        *,
        row_number() over (
            partition by list, rules_date, customer_sk
            order by confidence desc, lift desc, consequent asc
        ) as place
    from ruled
    where rule_place = 1
)

select
    rules_date,
    list,
    customer_sk,
    cast(place as integer) as place,
    consequent,
    antecedent,
    second_antecedent,
    antecedent_baskets,
    baskets,
    confidence,
    lift
from placed
where place <= (select next_items_max from scale)
