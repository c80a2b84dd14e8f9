-- The day on which a customer first showed up in any feed. One row per customer.
with contacts as (
    select
        customer_key,
        registered_date as contact_date
    from {{ ref('customer_bridge') }}
    {% for feed, day in [
        ('orders', 'order_date'), ('visits', 'visit_date'),
        ('interactions', 'interaction_date'), ('skin_tests', 'test_date'),
    ] %}
        union all
        select
            bridge.customer_key,
            facts.{{ day }} as contact_date
        from {{ ref(feed) }} as facts
        inner join {{ ref('customer_bridge') }} as bridge
            on
                facts.source = bridge.source
                and facts.customer_id = bridge.customer_id
    {% endfor %}
)

select
    customer_key,
    min(contact_date) as first_contact_date
from contacts
group by customer_key
