-- The person: the best known attributes over their records, the survivor's first, and the day
-- on which they first showed up in any feed (a booking counts on its day).
-- One row per customer. No personal data.
{{ config(
    materialized='incremental', incremental_strategy='append', pre_hook='{{ forget_touched() }}'
) }}
with addresses as (
    select
        record_sk,
        phone,
        {{ bare_word('phone') }} as phone_word,
        {{ unionid_word('wechat_unionid') }} as unionid_word,
        -- Of a forgotten person the unionid is their new id: nobody's account.
        wechat_unionid = customer_id as is_forgotten
    from {{ ref('customers') }}
),

records as (
    select
        bridge.*,
        (not ({{ is_placeholder('phone_word') }} or {{ is_placeholder_number('phone') }}))
            as has_phone,
        not coalesce(addresses.is_forgotten, false)
        and (not ({{ is_placeholder('unionid_word') }}) or bridge.system = 'wecom')
            as has_wechat
    from {{ ref('customer_bridge') }} as bridge
    left join addresses on bridge.record_sk = addresses.record_sk
    where {{ only_touched('bridge.customer_sk') }}
),

contacts (customer_sk, contact_date) as (
    select
        customer_sk,
        registered_date
    from records
    {% for feed, record, day in [
        ('orders', 'record_sk', 'order_date'),
        ('visits', 'record_sk', 'visit_date'),
        ('interactions', 'record_sk', 'interaction_date'),
        ('skin_tests', 'record_sk', 'test_date'),
        ('surveys', 'record_sk', 'survey_date'),
        ('outreach', 'record_sk', 'contact_date'),
        ('cards', 'record_sk', 'opened_date'),
        ('treatment_outcomes', 'record_sk', 'outcome_date'),
        ('experiment_assignments', 'record_sk', 'assigned_date'),
        ('referrals', 'referrer_record_sk', 'referral_date'),
        ('referrals', 'referee_record_sk', 'referral_date'),
    ] %}
        union all
        select
            records.customer_sk,
            min(facts.{{ day }})
        from {{ ref(feed) }} as facts
        inner join records on facts.{{ record }} = records.record_sk
        group by records.customer_sk
    {% endfor %}
),

first_contacts as (
    select
        customer_sk,
        min(contact_date) as first_contact_date
    from contacts
    group by customer_sk
),

persons as (
    select
        customer_sk,
        customer_key,
        min(registered_date) as registered_date,
        {{ value_at_min('acquisition_channel', ['survivor_rank']) }} as acquisition_channel,
        {{ value_at_min('home_clinic_id', ['survivor_rank']) }} as home_clinic_id,
        {{ value_at_min('motivation', ['survivor_rank']) }} as motivation,
        coalesce(bool_or(has_phone), false) as has_phone,
        coalesce(bool_or(has_wechat), false) as has_wechat,
        count(*) as source_records,
        bool_or(is_oversized) as is_oversized_cluster
    from records
    group by customer_sk, customer_key
)

select
    persons.*,
    first_contacts.first_contact_date
from persons
inner join first_contacts on persons.customer_sk = first_contacts.customer_sk
