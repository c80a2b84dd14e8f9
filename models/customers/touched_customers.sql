-- The customers that a refresh computes again: customers of rows settled since the last finished build, both
-- sides of merges and unmerges, and their referral partners. Everybody if there is no such
-- build, or if it describes other days. One row per customer, of today or of then.
{%- set quoted_day = "'\"' || cast(as_of_date as varchar) || '\"'" %}
with days as (
    select '[' || {{ joined_text(quoted_day, ', ', 'as_of_date') }} || ']' as as_of_dates
    from {{ ref('as_of_dates') }}
),

-- Null: everybody.
since as (
    select max(build.started_at) as started_at
    from {{ source('refresh', 'finished_build') }} as build
    inner join days on build.as_of_dates = days.as_of_dates
),

orders_of_facts (order_sk) as (
    {% for feed in ['order_items', 'refunds'] %}
        select order_sk from {{ ref(feed ~ '_checked') }}
        where settled_at > (select started_at from since)
        union
    {% endfor %}
    select items.order_sk
    from {{ ref('order_items_checked') }} as items
    inner join {{ ref('products_checked') }} as products on items.product_sk = products.product_sk
    where products.settled_at > (select started_at from since)
),

records (record_sk) as (
    {% for feed, columns in {
        'customers': ['record_sk'],
        'customer_links': ['record_sk', 'same_as_record_sk'],
        'orders': ['record_sk'],
        'visits': ['record_sk'],
        'interactions': ['record_sk'],
        'skin_tests': ['record_sk'],
        'surveys': ['record_sk'],
        'outreach': ['record_sk'],
        'cards': ['record_sk'],
        'treatment_outcomes': ['record_sk'],
        'experiment_assignments': ['record_sk'],
        'referrals': ['referrer_record_sk', 'referee_record_sk'],
    }.items() %}
        {% for column in columns %}
            select {{ column }} from {{ ref(feed ~ '_checked') }}
            where settled_at > (select started_at from since)
            union
        {% endfor %}
    {% endfor %}
    select record_sk from {{ ref('orders_checked') }}
    where order_sk in (select order_sk from orders_of_facts)
),

-- A customer who comes, goes, or gains or loses a record has a row of the bridge settled.
changed (customer_sk) as (
    select coalesce(bridge.customer_sk, records.record_sk)
    from records
    left join {{ ref('customer_bridge') }} as bridge on records.record_sk = bridge.record_sk
    where records.record_sk is not null
    union
    select customer_sk from {{ ref('customer_bridge') }}
    where settled_at > (select started_at from since)
    union
    select record_sk from {{ ref('customer_bridge') }}
    where settled_at > (select started_at from since)
),

referrals as (
    select
        referrers.customer_sk as referrer_sk,
        referees.customer_sk as referee_sk
    from {{ ref('referrals') }} as referrals
    inner join {{ ref('customer_bridge') }} as referrers
        on referrals.referrer_record_sk = referrers.record_sk
    inner join {{ ref('customer_bridge') }} as referees
        on referrals.referee_record_sk = referees.record_sk
),

{# Both ends, and then the referrers' referrers. #}
partners as (
    select customer_sk from changed
    union
    select referrer_sk from referrals
    where referee_sk in (select customer_sk from changed)
    union
    select referee_sk from referrals
    where referrer_sk in (select customer_sk from changed)
)

select customer_sk from partners
union
select referrer_sk from referrals
where referee_sk in (select customer_sk from partners)
union
-- Everybody, also those whose rows were taken back since: what was computed of them goes.
select record_sk from {{ ref('customers_checked') }}
where (select started_at from since) is null and record_sk is not null
