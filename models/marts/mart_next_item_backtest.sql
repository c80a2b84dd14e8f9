-- How often the next purchase held an item named beforehand, on a month end from what was
-- known then: by rules, or as most bought. One row per list: new (items not bought yet), any.
with policy as (
    {{ active_policy([
        'basket_max_lines', 'next_item_backtest_days', 'next_item_popular_days',
        'next_items_max', 'hva_confidence_z',
    ]) }}
),

scale as (
    select
        policy.*,
        (
            select max(rules.rules_date) from {{ ref('item_rules') }} as rules
            where rules.rules_date < policy.as_of_date
        ) as rules_date
    from policy
    where
        policy.as_of_date = {{ last_day_described() }}
        and policy.scope_id = {{ chain_scope() }}
),

bought as (
    select
        items.*,
        items.order_date <= scale.rules_date and items.gone_date > scale.rules_date as is_held,
        items.order_date > scale.rules_date and items.gone_date > scale.as_of_date as is_later,
        {{ days_between('items.order_date', 'scale.rules_date') }}
        < scale.next_item_popular_days as is_lately
    from {{ ref('bought_items') }} as items
    inner join ({{ customers_of_baskets() }}) as drawn
        on items.customer_sk = drawn.customer_sk
    inner join scale
        on
            {{ days_between('scale.rules_date', 'items.order_date') }}
            <= scale.next_item_backtest_days
),

popular as (
    select
        product_sk,
        row_number() over (order by count(*) desc, product_sk asc) as place
    from bought
    where is_held and is_lately
    group by product_sk
),

held as (
    select distinct
        bought.customer_sk,
        bought.product_sk,
        popular.place
    from bought
    left join popular on bought.product_sk = popular.product_sk
    where bought.is_held
),

coming as (
    select
        later.*,
        popular.place,
        rank() over (partition by later.customer_sk order by later.order_date) as day_place
    from bought as later
    left join popular on later.product_sk = popular.product_sk
    where later.is_later
),

-- Among items not bought yet one moves up by the better placed that the customer has.
ranked as (
    select
        coming.customer_sk,
        coming.product_sk,
        coming.place,
        count(held.product_sk) filter (where held.place < coming.place) as owned,
        coalesce(bool_or(held.product_sk = coming.product_sk), false) as is_held
    from coming
    inner join held on coming.customer_sk = held.customer_sk
    where coming.day_place = 1
    group by coming.customer_sk, coming.product_sk, coming.place
),

outcomes as (
    select
        lists.list,
        ranked.customer_sk,
        max(case when items.consequent is null then 0 else 1 end) as by_rules,
        max(case
            when ranked.place - ranked.owned * lists.is_new <= (select next_items_max from scale)
                then 1
            else 0
        end) as by_popularity
    from ranked
    inner join (values ('new', 1), ('any', 0)) as lists (list, is_new)
        on lists.is_new = 0 or not ranked.is_held
    left join {{ ref('next_items') }} as items
        on
            items.rules_date = (select rules_date from scale)
            and lists.list = items.list
            and ranked.customer_sk = items.customer_sk
            and cast(ranked.product_sk as varchar) = items.consequent
    group by lists.list, ranked.customer_sk
)

select
    (select as_of_date from scale) as as_of_date,
    '{{ var("ruleset") }}' as ruleset,
    (select rules_date from scale) as rules_date,
    list,
    cast(count(*) as integer) as customers,
    {{ exact_ratio('sum(by_rules)', 'count(*)', 4) }} as rules_hit_rate,
    {{ exact_ratio('sum(by_popularity)', 'count(*)', 4) }} as popularity_hit_rate
    {%- for end, sign in [('low', '-'), ('high', '+')] %},
    cast(
        avg(by_rules - by_popularity) {{ sign }} (select hva_confidence_z from scale) * sqrt((
            avg(abs(by_rules - by_popularity)) - power(avg(by_rules - by_popularity), 2)
        ) / count(*)) as decimal(18, 4)
    ) as gain_{{ end }}
    {%- endfor %}
from outcomes
group by list
