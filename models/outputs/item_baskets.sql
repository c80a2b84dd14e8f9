-- What lies side by side in a basket: the items of an order, and those of a day beside
-- what the same customer bought within basket_follow_days after it, once these are over.
-- By items and by categories; as of the last day and, for the backtest, of a month end
-- before, each with what stood then. Of many customers a draw; wholesalers stay out.
-- One row per day described, level, kind, basket, side and code.
with policy as (
    {{ active_policy([
        'basket_follow_days', 'basket_max_items', 'basket_max_lines',
        'next_item_backtest_days',
    ]) }}
),

scale as (
    select * from policy
    where as_of_date = {{ last_day_described() }} and scope_id = {{ chain_scope() }}
),

days (rules_date) as (
    select as_of_date from scale
    union
    select {{ days_after(
        month_start(days_after('as_of_date', '1 - next_item_backtest_days')), -1
    ) }}
    from scale
),

drawn as (
    {{ customers_of_baskets() | indent(4) }}
),

lines as (
    select
        days.rules_date,
        named.level,
        bought.customer_sk,
        bought.order_sk,
        bought.order_date,
        min(bought.order_sk) over (
            partition by days.rules_date, bought.customer_sk, bought.order_date
        ) as day_sk,
        count(*) over (partition by days.rules_date, named.level, bought.order_sk)
        <= (select basket_max_items from scale) as is_usual,
        {{ days_after('bought.order_date', '(select basket_follow_days from scale)') }}
            as followed_until,
        case
            when named.level = 'item' then cast(bought.product_sk as varchar)
            else products.category
        end as code
    from {{ ref('bought_items') }} as bought
    inner join drawn on bought.customer_sk = drawn.customer_sk
    inner join days
        on bought.order_date <= days.rules_date and bought.gone_date > days.rules_date
    inner join {{ ref('products') }} as products on bought.product_sk = products.product_sk
    inner join (values ('item'), ('category')) as named (level)
        on named.level = 'item' or products.category is not null
),

followed as (
    select distinct
        rules_date,
        level,
        customer_sk,
        order_date,
        followed_until,
        day_sk
    from lines
    where is_usual and followed_until <= rules_date
)

select distinct
    rules_date,
    level,
    'order' as kind,
    order_sk as basket,
    'both' as side,
    code
from lines
where is_usual
union all
select distinct
    rules_date,
    level,
    'sequence',
    day_sk,
    'given',
    code
from lines
where is_usual and followed_until <= rules_date
union all
select distinct
    followed.rules_date,
    followed.level,
    'sequence',
    followed.day_sk,
    'taken',
    lines.code
from followed
inner join lines
    on
        {{ named_equal('followed', 'lines', ['rules_date', 'level', 'customer_sk']) }}
        and followed.order_date < lines.order_date
        and followed.followed_until >= lines.order_date
