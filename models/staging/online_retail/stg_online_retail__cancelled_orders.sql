-- The order that a cancellation line takes back: the customer's latest earlier one with as
-- many units of that article at that price. Once more units came back than it had, no
-- further line is matched. One row per matched cancellation line.
{{ config(enabled='online_retail' in var('sources')) }}
with lines as (
    select
        *,
        row_number() over (
            partition by invoice, line_number
            order by loaded_at desc, row_id desc
        ) as age
    from {{ ref('stg_online_retail__lines') }}
    where customer_id is not null
),

cancelled as (
    select
        *,
        -quantity as units
    from lines
    where is_cancellation and age = 1
),

sold as (
    select
        customer_id,
        stock_code,
        unit_price,
        invoice,
        invoice_time,
        sum(quantity) as units
    from lines
    where not is_cancellation and age = 1
    group by customer_id, stock_code, unit_price, invoice, invoice_time
),

candidates as (
    select
        cancelled.invoice,
        cancelled.line_number,
        cancelled.invoice_time,
        cancelled.stock_code,
        cancelled.unit_price,
        cancelled.units,
        sold.invoice as order_id,
        sold.units as sold_units,
        row_number() over (
            partition by cancelled.invoice, cancelled.line_number
            order by sold.invoice_time desc, sold.invoice desc
        ) as choice
    from cancelled
    inner join sold
        on cancelled.customer_id = sold.customer_id
        and cancelled.stock_code = sold.stock_code
        and cancelled.unit_price = sold.unit_price
        and cancelled.units <= sold.units
        and cancelled.invoice_time >= sold.invoice_time
),

returned as (
    select
        *,
        sum(units) over (
            partition by order_id, stock_code, unit_price
            order by invoice_time asc, invoice asc, line_number asc
        ) as returned_units
    from candidates
    where choice = 1
)

select
    invoice,
    line_number,
    order_id
from returned
where returned_units <= sold_units
