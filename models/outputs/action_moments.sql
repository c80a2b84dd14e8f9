-- Occasions that a moment gives: a treatment that goes with another item, a first purchase,
-- a tier that lapses soon, a next rung within reach. `ends_on`: the last day for it.
-- One row per customer, as-of date, rule set and action.
{%- set within = 'tier_lapse_within_days' %}
with policy as (
    {{ policy_row([within]) }}
),

treated as (
    select
        bridge.customer_sk,
        visits.visit_date,
        {{ value_at_min(
            "products.product_name || ' → ' || linked.linked_item",
            ['linked.item', 'linked.linked_item']
        ) }} as item
    from {{ ref('visits') }} as visits
    inner join {{ ref('customer_bridge') }} as bridge on visits.record_sk = bridge.record_sk
    inner join {{ ref('products') }} as products
        on visits.source = products.source and visits.product_id = products.product_id
    inner join {{ ref('linked_items') }} as linked
        on
            products.product_name like '%' || linked.item || '%'
            and visits.visit_date >= linked.valid_from
            and linked.is_on
    where visits.status = 'arrived' and visits.visit_type = 'treatment'
    group by bridge.customer_sk, visits.visit_date
),

moments (customer_sk, as_of_date, ruleset, rule, model, began_on, ends_on, falls_to, item) as (
    select
        treated.customer_sk,
        dates.as_of_date,
        null,
        'treated',
        null,
        max(treated.visit_date),
        null,
        null,
        {{ value_at_max('treated.item', ['treated.visit_date']) }}
    from treated
    inner join {{ ref('as_of_dates') }} as dates on treated.visit_date <= dates.as_of_date
    group by treated.customer_sk, dates.as_of_date
    union all
    select
        customer_sk,
        as_of_date,
        ruleset,
        'first_purchase',
        null,
        first_purchase_date,
        null,
        null,
        null
    from {{ ref('customer_tiers') }}
    where purchases_lifetime = 1
    union all
    select
        customer_sk,
        as_of_date,
        ruleset,
        'within_reach',
        model,
        null,
        null,
        null,
        null
    from {{ ref('tiers_in_reach') }}
    {% for name in var('tier_models') %}
        union all
        select
            customer_sk,
            as_of_date,
            ruleset,
            'lapses',
            '{{ name }}',
            null,
            {{ days_after(name ~ '_lapses_on', -1) }},
            {{ name }}_falls_to,
            null
        from {{ ref('tier_outlooks') }}
        where
            {{ name }}_lapses_on <= {{ days_after(
                'as_of_date', '(select max(policy.' ~ within ~ ') from policy)'
            ) }}
    {% endfor %}
)

select
    customers.customer_sk,
    customers.as_of_date,
    customers.ruleset,
    rules.action,
    moments.model,
    case moments.model
        {%- for name in var('tier_models') %}
        when '{{ name }}' then customers.{{ name }}_tier
        {%- endfor %}
    end as tier,
    case moments.rule
        when 'lapses' then {{ days_after('moments.ends_on', '1 - policy.' ~ within) }}
        when 'within_reach' then customers.last_purchase_date
        else moments.began_on
    end as began_on,
    moments.ends_on,
    moments.falls_to,
    moments.item
from moments
inner join {{ ref('customer_tiers') }} as customers
    on
        {{ same_customer('moments', 'customers') }}
        and coalesce(moments.ruleset, customers.ruleset) = customers.ruleset
inner join policy on {{ policy_of('customers', true) }}
inner join {{ ref('action_rules') }} as rules
    on
        {{ named_equal('customers', 'rules', ['as_of_date', 'ruleset', 'scope_id']) }}
        and moments.rule = rules.rule
        and coalesce(moments.model = rules.model, moments.model is null)
