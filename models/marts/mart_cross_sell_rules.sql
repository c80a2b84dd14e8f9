-- What is bought together (kind order) or within basket_follow_days afterwards (sequence),
-- more often than by chance: rules between items and between categories, with one or two
-- items given. One row per level, kind and rule.
with policy as (
    {{ active_policy(['basket_min_lift']) }}
),

named (level, code, id, name) as (
    select
        'item',
        cast(product_sk as varchar),
        product_id,
        coalesce(product_name, product_id)
    from {{ ref('products') }}
    union all
    select distinct
        'category',
        category as code,
        category as id,
        category as name
    from {{ ref('products') }}
    where category is not null
)

select
    rules.rules_date as as_of_date,
    policy.ruleset,
    rules.level,
    rules.kind,
    one.id as antecedent,
    one.name as antecedent_name,
    two.id as second_antecedent,
    two.name as second_antecedent_name,
    three.id as consequent,
    three.name as consequent_name,
    {% for count in [
        'all_baskets', 'antecedent_baskets', 'consequent_baskets', 'baskets',
    ] %}
        cast(rules.{{ count }} as integer) as {{ count }},
    {% endfor %}
    rules.support,
    rules.confidence,
    rules.lift,
    rules.conviction
from {{ ref('item_rules') }} as rules
inner join policy
    on
        rules.rules_date = policy.as_of_date
        and rules.lift >= policy.basket_min_lift
        and policy.scope_id = {{ chain_scope() }}
inner join named as one on rules.level = one.level and rules.antecedent = one.code
left join named as two on rules.level = two.level and rules.second_antecedent = two.code
inner join named as three on rules.level = three.level and rules.consequent = three.code
where
    rules.rules_date = {{ last_day_described() }}
    and rules.antecedent != rules.consequent
