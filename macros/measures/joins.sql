{# The join condition of two relations that hold one row per customer and as-of date. #}
{% macro same_customer(left, right) -%}
    {{ left }}.customer_sk = {{ right }}.customer_sk
    and {{ left }}.as_of_date = {{ right }}.as_of_date
{%- endmacro %}


{# Orders of which all that was paid came back, and the first day on which it had. #}
{% macro undone_orders() -%}
    select
        order_sk,
        min(refund_date) as undone_date
    from {{ ref('order_refunds') }}
    where refunded_amount >= paid_amount
    group by order_sk
{%- endmacro %}


{# Money moved, by the key that names a customer where people and fits meet them. #}
{% macro money_by_key() -%}
    select
        profiles.customer_key,
        movements.order_sk as order_key,
        movements.movement_date,
        movements.amount
    from {{ ref('money_movements') }} as movements
    inner join {{ ref('customer_profiles') }} as profiles
        on movements.customer_sk = profiles.customer_sk
{%- endmacro %}


{# Columns of one relation. #}
{% macro columns_of(relation, names) -%}
    {%- for name in names %}
    {{ relation }}.{{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
