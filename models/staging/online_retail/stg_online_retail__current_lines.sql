-- Lines of customers as last delivered, sold (units above zero) or taken back (below).
-- One row per invoice and line.
{{ config(enabled='online_retail' in var('sources')) }}
with deliveries as (
    select
        *,
        row_number() over (
            partition by invoice, line_number
            order by loaded_at desc, row_id desc
        ) as age
    from {{ ref('stg_online_retail__lines') }}
    where customer_id is not null
)

select
    invoice,
    line_number,
    invoice_time,
    is_cancellation,
    customer_id,
    stock_code,
    unit_price,
    quantity
from deliveries
where age = 1
