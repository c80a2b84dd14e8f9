-- Rows of flat files, typed, each with its order: the number with the customer, the clinic
-- and the day, since shops number alike; without a number the customer and the day.
-- A word that stands for nobody (散客, N/A) is a walk-in, like a blank. What stands on the first
-- row of an order only holds for its other rows, and its total is shared among them.
-- A table, since five models read it. One row per raw row.
{{ config(materialized='table') }}
{%- set day = written_day('raw.order_date', 'raw.date_style') %}
{%- set units, price = clean_number('raw.quantity'), clean_number('raw.unit_price') %}
{%- set amount = clean_amount('raw.net_amount') %}
{%- set customer, product = clean_id('raw.customer_id'), clean_id('raw.product') %}
{%- set word = bare_word('coalesce(' ~ id_text('raw.customer_id') ~ ", '')") %}
{%- set unit_cost, cost = clean_amount('raw.unit_cost'), clean_amount('raw.cost_amount') %}
with named as (
    select
        raw.*,
        {{ word }} = '' or {{ word }} in (
            select {{ bare_word('value') }} from {{ ref('placeholders') }}
        ) as is_nobody
    from {{ source('transactions', 'transactions') }} as raw
),

typed as (
    select
        case when not raw.is_nobody then {{ customer }} end as own_customer,
        raw.is_nobody,
        {{ clean_text('raw.customer_id') }} is null as is_blank,
        coalesce({{ clean_id('raw.order_id') }}, {{ clean_text('raw.order_id') }})
            as order_number,
        {{ clean_id('raw.clinic_id') }} as own_clinic,
        {{ product }} as product_code,
        {{ clean_text('raw.product') }} as product_name,
        {{ clean_code('raw.category') }} as category,
        {{ day }} as own_day,
        {{ units }} as quantity,
        {{ amount }} as own_amount,
        cast({{ price }} * coalesce({{ units }}, 1) as decimal(18, 2)) as priced,
        {{ unit_cost }} as unit_cost,
        {{ cost }} as cost_amount,
        {{ bad_texts({
            'rounded_id:order_id:customer_id': ['raw.customer_id', customer],
            'rounded_id:product_id:product': ['raw.product', product],
            'unparsable_value:unit_cost:unit_cost': ['raw.unit_cost', unit_cost],
            'unparsable_value:cost_amount:cost_amount': ['raw.cost_amount', cost],
        }) }} as bad_cells,
        {{ file_of('raw._row_id') }} as file_id,
        {{ lineage('transactions', {
            'order_date': day,
            'net_amount': amount,
            'unit_price': 'coalesce(' ~ amount ~ ', ' ~ price ~ ')',
            'quantity': 'coalesce(' ~ amount ~ ', ' ~ units ~ ')',
        }) }}
    from named as raw
),

continued as (
    {{ continued_orders('typed') }}
),

ordered as (
    select
        *,
        coalesce(product_code, category) as product_id,
        case
            when unparsable_column is not null then null
            when is_nobody and customer_id is null then 'nobody_named:order_id:customer_id'
            else bad_cells
        end as unparsable_cells,
        case
            when customer_id is null or order_date is null then null
            when order_number is null
                then customer_id || ' / ' || cast(order_date as {{ dbt.type_string() }})
            else
                order_number || ' / ' || customer_id || coalesce(' / ' || clinic_id, '')
                || ' / ' || cast(order_date as {{ dbt.type_string() }})
        end as order_id
    from continued
),

shared as (
    {{ shared_totals('ordered') }}
),

-- A line is the same in another file, or sheet, if the order has a number and all it says
-- is alike.
counted as (
    select
        *,
        row_number() over (
            partition by file_id, file_name, order_id, product_id, amount, quantity
            order by row_id asc
        ) as occurrence,
        case when order_number is null then row_id end as own_row
    from shared
)

select
    *,
    cast(dense_rank() over (
        partition by order_id
        order by product_id, amount, quantity, occurrence, own_row
    ) as integer) as line_number
from counted
