-- What is known of a customer, fact by fact: what they did (null: nothing of their own
-- doing), its business day, and since when it is known. One row per fact.
{{ config(materialized='view') }}
{%- set feeds = [
    ('orders', 'record_sk', 'order_date', "case status when 'paid' then 'order' end"),
    ('visits', 'record_sk', 'visit_date', "case status when 'arrived' then 'visit' end"),
    ('interactions', 'record_sk', 'interaction_date', "'interaction'"),
    ('skin_tests', 'record_sk', 'test_date', "'skin_test'"),
    ('surveys', 'record_sk', 'survey_date', "'survey'"),
    ('outreach', 'record_sk', 'contact_date', 'cast(null as varchar)'),
    ('cards', 'record_sk', 'opened_date', "'card'"),
    ('treatment_outcomes', 'record_sk', 'outcome_date', "'outcome'"),
    ('referrals', 'referrer_record_sk', 'referral_date', "'referral'"),
    ('customers', 'record_sk', 'registered_date', 'cast(null as varchar)'),
] %}
with facts (record_sk, fact_date, known_since, deed) as (
    {% for feed, record_sk, day, deed in feeds %}
        select
            {{ record_sk }},
            {{ day }},
            known_since,
            {{ deed }}
        from {{ ref(feed) }}
        union all
    {% endfor %}
    select
        orders.record_sk,
        refunds.refund_date,
        refunds.known_since,
        'refund'
    from {{ ref('refunds') }} as refunds
    inner join {{ ref('orders') }} as orders on refunds.order_sk = orders.order_sk
    union all
    select
        orders.record_sk,
        orders.order_date,
        items.known_since,
        null
    from {{ ref('order_items') }} as items
    inner join {{ ref('orders') }} as orders on items.order_sk = orders.order_sk
)

select
    bridge.customer_key,
    facts.deed,
    facts.fact_date,
    facts.known_since
from facts
inner join {{ ref('customer_bridge') }} as bridge on facts.record_sk = bridge.record_sk
