-- What links customer records: verified phones, WeChat unionids, explicit links.
-- One row per record and identifier. Personal data.
{{ config(meta={'reads_deliveries': true}) }}
with records as (
    select * from {{ ref('customers') }}
),

links (source, link_id, customer_id) as (
    {% for column in ['customer_id', 'same_as_customer_id'] %}
        select
            source,
            link_id,
            {{ column }}
        from {{ ref('customer_links') }}
        where is_active
        {{ 'union all' if not loop.last }}
    {% endfor %}
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
            and links.customer_id = records.customer_id
)

select distinct * from identifiers
