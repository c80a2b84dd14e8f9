-- Rows below zero: money given back. It goes to the order of the row's number, else to the
-- latest earlier one of the product, else to the latest; best to one that was worth it.
-- One row per raw row.
{{ config(enabled='transactions' in var('sources')) }}
with lines as (
    select * from {{ ref('stg_transactions__lines') }}
),

sold as (
    select
        customer_id,
        order_id,
        order_number,
        order_date,
        product_id,
        sum(amount) as amount,
        sum(sum(amount)) over (partition by order_id) as order_amount
    from lines
    where
        order_id is not null
        and amount > 0
    group by customer_id, order_id, order_number, order_date, product_id
),

matched as (
    select
        given_back.row_id,
        sold.order_id,
        row_number() over (
            partition by given_back.row_id
            order by
                coalesce(sold.order_number = given_back.order_number, false) desc,
                coalesce(
                    sold.product_id = given_back.product_id
                    and sold.amount >= -given_back.amount, false
                ) desc,
                sold.order_amount >= -given_back.amount desc,
                sold.order_date desc,
                sold.order_id desc
        ) as choice
    from lines as given_back
    inner join sold
        on
            given_back.customer_id = sold.customer_id
            and given_back.order_date >= sold.order_date
    where given_back.amount < 0
)

select
    cast(null as integer) as line_number,
    lines.order_date as refund_date,
    -lines.amount as refund_amount,
    lines.unparsable_column,
    lines.unparsable_cells,
    lines.raw_table,
    lines.is_carrier,
    lines.file_name,
    lines.row_number,
    lines.loaded_at,
    lines.row_id,
    lines.file_part,
    lines.order_id || ' / ' || cast(lines.line_number as varchar) as refund_id,
    coalesce(matched.order_id, lines.order_id) as order_id
from lines
left join matched
    on
        lines.row_id = matched.row_id
        and matched.choice = 1
where lines.amount < 0
