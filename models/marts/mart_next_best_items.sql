-- Up to next_items_max items for each buyer that they have not bought yet, the likeliest
-- first, with the rule behind. One row per customer and place.
with named as (
    select
        cast(product_sk as varchar) as code,
        product_id,
        coalesce(product_name, product_id) as name,
        category
    from {{ ref('products') }}
)

select
    profiles.customer_key,
    items.rules_date as as_of_date,
    '{{ var("ruleset") }}' as ruleset,
    items.place,
    item.product_id,
    item.name as product_name,
    item.category,
    one.name as antecedent_name,
    two.name as second_antecedent_name,
    cast(items.antecedent_baskets as integer) as antecedent_baskets,
    cast(items.baskets as integer) as baskets,
    items.confidence,
    items.lift
from {{ ref('next_items') }} as items
inner join {{ ref('customer_profiles') }} as profiles
    on items.customer_sk = profiles.customer_sk
inner join named as item on items.consequent = item.code
inner join named as one on items.antecedent = one.code
left join named as two on items.second_antecedent = two.code
where items.rules_date = {{ last_day_described() }} and items.list = 'new'
