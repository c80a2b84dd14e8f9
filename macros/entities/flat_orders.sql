{#
    Orders of flat files that say some things once: on the first of an order's rows.
#}

{#
    Rows of `relation` with customer, day and clinic: a row that lacks what the rows above it
    in its order say, has it from them, if nothing that it says itself is otherwise. A row with
    a day and an amount of its own is a sale by itself: a walk-in's, if it names no customer.
#}
{% macro continued_orders(relation) -%}
    select
        *,
        coalesce(own_customer, case when is_continued then customer_above end) as customer_id,
        coalesce(own_day, case when is_continued then day_above end) as order_date,
        coalesce(own_clinic, case when is_continued then clinic_above end) as clinic_id
    from (
        select
            *,
            {%- for column in ['customer', 'day', 'clinic'] %}
            {{ last_known('own_' ~ column) }} over rows_above as {{ column }}_above,
            {%- endfor %}
            order_number is not null
            and unparsable_column is null
            and (own_day is null or (own_amount is null and {{ last_known('own_amount') }} over rows_above is not null))
            {%- for column in ['customer', 'day', 'clinic'] %}
            and coalesce(own_{{ column }} = {{ last_known('own_' ~ column) }} over rows_above, {{ 'is_blank' if column == 'customer' else 'true' }})
            {%- endfor %} as is_continued
        from {{ relation }}
        window rows_above as (
            partition by file_id, file_name, order_number order by row_id
            rows between unbounded preceding and 1 preceding
        )
    ) as placed
{%- endmacro %}


{#
    Rows of `relation` with their amounts. Where a file has one amount an order, on one of its
    rows, it is the order's total: its rows share it, by price × quantity where all have it.
    Rounded sums, so that the shares are the total together.
#}
{% macro shared_totals(relation) -%}
    {%- set order = 'partition by file_id, file_name, order_id, unparsable_column is null' -%}
    {%- set share = 'cast(total * ({}) / sum(weight) over of_order as decimal(18, 2))' -%}
    {%- set is_total = 'case when rows_of_order > 1 then case when totals = 1 then 1.0 else 0.0 end end' -%}
    select
        *,
        case
            when totals = 1 and rows_of_order > 1 and order_number is not null
                and avg({{ is_total }}) over (partition by file_id, file_name) >= 0.9
                then {{ share.format('sum(weight) over upto') }}
                    - {{ share.format('sum(weight) over upto - weight') }}
            else coalesce(own_amount, priced)
        end as amount
    from (
        select
            *,
            count(own_amount) over of_order as totals,
            count(*) over of_order as rows_of_order,
            sum(own_amount) over of_order as total,
            case when min(coalesce(priced, -1)) over of_order >= 0 and sum(priced) over of_order > 0
                then priced else 1 end as weight
        from {{ relation }}
        window of_order as ({{ order }})
    ) as summed
    window of_order as ({{ order }}), upto as ({{ order }} order by row_id rows unbounded preceding)
{%- endmacro %}
