-- What is known of a customer, fact by fact: what she did (null: nothing of her own
-- doing), its business day, and since when it is known. One row per fact.
{{ config(materialized='view') }}
{%- set feeds = [
    ('orders', 'customer_id', 'order_date', "case status when 'paid' then 'order' end"),
    ('visits', 'customer_id', 'visit_date', "case status when 'arrived' then 'visit' end"),
    ('interactions', 'customer_id', 'interaction_date', "'interaction'"),
    ('skin_tests', 'customer_id', 'test_date', "'skin_test'"),
    ('surveys', 'customer_id', 'survey_date', "'survey'"),
    ('outreach', 'customer_id', 'contact_date', 'null'),
    ('cards', 'customer_id', 'opened_date', "'card'"),
    ('treatment_outcomes', 'customer_id', 'outcome_date', "'outcome'"),
    ('referrals', 'referrer_customer_id', 'referral_date', "'referral'"),
    ('customers', 'customer_id', 'registered_date', 'null'),
] %}
with facts (source, customer_id, fact_date, known_since, deed) as (
    {% for feed, customer, day, deed in feeds %}
        select
            source,
            {{ customer }},
            {{ day }},
            known_since,
            {{ deed }}
        from {{ ref(feed) }}
        union all
    {% endfor %}
    select
        orders.source,
        orders.customer_id,
        refunds.refund_date,
        refunds.known_since,
        'refund'
    from {{ ref('refunds') }} as refunds
    inner join {{ ref('orders') }} as orders
        on refunds.source = orders.source and refunds.order_id = orders.order_id
    union all
    select
        orders.source,
        orders.customer_id,
        orders.order_date,
        items.known_since,
        null
    from {{ ref('order_items') }} as items
    inner join {{ ref('orders') }} as orders
        on items.source = orders.source and items.order_id = orders.order_id
)

select
    bridge.customer_key,
    facts.deed,
    facts.fact_date,
    facts.known_since
from facts
inner join {{ ref('customer_bridge') }} as bridge
    on facts.source = bridge.source and facts.customer_id = bridge.customer_id
