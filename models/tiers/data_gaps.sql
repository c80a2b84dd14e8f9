-- What the tiers of the last as-of day had to do without: feeds that nobody delivered and
-- tier models that are silent without them, persons in no tier, costs that are presumed,
-- predictions that fell back. One row per kind, subject, rule and column.
{{ config(materialized='table') }}
with last_day as (
    select max(as_of_date) as as_of_date from {{ ref('as_of_dates') }}
),

feeds (kind, subject, rule, column_name, row_count) as (
    {% for feed in var('feeds') %}
        select
            'missing',
            '{{ feed }}',
            'not_delivered',
            '',
            0
        where not {{ is_fed(feed) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

untiered as (
    select
        case
            when profiles.first_contact_date is null then 'no_dated_record'
            else 'not_yet_known'
        end as rule
    from {{ ref('customer_profiles') }} as profiles
    cross join last_day
    where coalesce(profiles.first_contact_date > last_day.as_of_date, true)
),

presumed as (
    select
        count(*) as lines,
        count(*) filter (
            where coalesce(items.cost_amount, items.unit_cost, products.unit_cost) is null
        ) as without_cost
    from {{ ref('order_items') }} as items
    left join {{ ref('products') }} as products
        on items.product_sk = products.product_sk
),

fallbacks as (
    select
        prediction.clv_fallback as rule,
        count(*) as customers
    from {{ ref('measures_value') }} as prediction
    inner join last_day on prediction.as_of_date = last_day.as_of_date
    where prediction.clv_fallback is not null
    group by prediction.clv_fallback
)

select * from feeds
{% for node in ladder_nodes(var('tier_models')) if node.config.meta.ladder.feed %}
    union all
    select
        'silent',
        '{{ node.config.meta.ladder.model }}',
        'not_tiered',
        '{{ node.config.meta.ladder.feed }}',
        count(*)
    from {{ ref('customer_profiles') }}
    where not {{ is_fed(node.config.meta.ladder.feed) }}
    having count(*) > 0
{% endfor %}
union all
select
    'untiered',
    'customers',
    rule,
    'first_contact_date',
    count(*)
from untiered
group by rule
union all
select
    'presumed',
    'gross_profit',
    'usual_margin',
    'unit_cost',
    without_cost
from presumed
where without_cost > 0
union all
select
    'fallback',
    'clv_amount',
    rule,
    'clv_fallback',
    customers
from fallbacks
