-- The day on which a customer first showed up in any feed: null if no feed gives a day.
-- A booking counts on its day. One row per customer.
with contacts as (
    select
        source,
        customer_id,
        registered_date as contact_date
    from {{ ref('customer_bridge') }}
    {% for feed, customer, day in [
        ('orders', 'customer_id', 'order_date'),
        ('visits', 'customer_id', 'visit_date'),
        ('interactions', 'customer_id', 'interaction_date'),
        ('skin_tests', 'customer_id', 'test_date'),
        ('surveys', 'customer_id', 'survey_date'),
        ('outreach', 'customer_id', 'contact_date'),
        ('cards', 'customer_id', 'opened_date'),
        ('treatment_outcomes', 'customer_id', 'outcome_date'),
        ('experiment_assignments', 'customer_id', 'assigned_date'),
        ('referrals', 'referrer_customer_id', 'referral_date'),
        ('referrals', 'referee_customer_id', 'referral_date'),
    ] %}
        union all
        select
            source,
            {{ customer }},
            min({{ day }})
        from {{ ref(feed) }}
        group by source, {{ customer }}
    {% endfor %}
)

select
    bridge.customer_key,
    min(contacts.contact_date) as first_contact_date
from contacts
inner join {{ ref('customer_bridge') }} as bridge
    on
        contacts.source = bridge.source
        and contacts.customer_id = bridge.customer_id
group by bridge.customer_key
