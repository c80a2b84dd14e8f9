-- The order that a cancellation line takes back: the customer's latest earlier one with
-- as many units of that article at that price, until more came back than it had.
-- One row per matched cancellation line.
{{ config(enabled='online_retail' in var('sources')) }}
{%- set article = ['customer_id', 'stock_code', 'unit_price'] %}
with sold as (
    select
        {{ article | join(', ') }},
        invoice,
        invoice_time,
        sum(quantity) as units
    from {{ ref('stg_online_retail__current_lines') }}
    where not is_cancellation
    group by {{ article | join(', ') }}, invoice, invoice_time
),

candidates as (
    select
        cancelled.*,
        sold.invoice as order_id,
        sold.units as sold_units,
        row_number() over (
            partition by cancelled.invoice, cancelled.line_number
            order by sold.invoice_time desc, sold.invoice desc
        ) as choice
    from {{ ref('stg_online_retail__current_lines') }} as cancelled
    inner join sold
        on
            cancelled.customer_id = sold.customer_id
            and cancelled.stock_code = sold.stock_code
            and cancelled.unit_price = sold.unit_price
            and cancelled.invoice_time >= sold.invoice_time
            and -cancelled.quantity <= sold.units
    where cancelled.is_cancellation
),

returned as (
    select
        *,
        -sum(quantity) over (
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
