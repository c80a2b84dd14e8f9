-- What links customer records: verified phones, WeChat unionids, explicit links.
-- One row per record and identifier. Personal data.
with records as (
    select * from {{ ref('customers') }}
),

links as (
    select * from {{ ref('customer_links') }}
    where is_active
),

identifiers as (
    select
        row_id,
        'phone' as identifier_type,
        phone as identifier
    from records
    where is_phone_verified and phone is not null
    union all
    select
        row_id,
        'wechat_unionid' as identifier_type,
        wechat_unionid as identifier
    from records
    where wechat_unionid is not null
    union all
    select
        records.row_id,
        'link' as identifier_type,
        links.source || ':' || links.link_id as identifier
    from links
    inner join records
        on
            links.source = records.source
            and records.customer_id in (links.customer_id, links.same_as_customer_id)
)

select distinct * from identifiers
