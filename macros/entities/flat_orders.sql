{#
    Orders of flat files that say some things once: on the first of an order's rows. Windows
    are computed over orders that lack something, and over no others.
#}

{#
    Rows of `relation` with customer, day and clinic: a row that lacks what the rows above it
    in its order say, has it from them, if nothing that it says itself is otherwise. A row with
    a day and an amount of its own is a sale by itself: a walk-in's, if it names no customer.
#}
{% macro continued_orders(relation) -%}
    select
        lines.*,
        coalesce(own_customer, customer_above) as customer_id,
        coalesce(own_day, day_above) as order_date,
        coalesce(own_clinic, clinic_above) as clinic_id
    from {{ relation }} as lines
    left join (
        select
            row_id as open_row_id,
            {%- for column in ['customer', 'day', 'clinic', 'amount'] %}
            {{ last_known('own_' ~ column) }} over rows_above as {{ column }}_above{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        where unparsable_column is null and order_number in (
            select order_number from {{ relation }} where own_day is null or own_amount is null
        )
        window rows_above as (
            partition by file_id, file_name, order_number order by row_id
            rows between unbounded preceding and 1 preceding
        )
    ) as placed
        on lines.row_id = open_row_id
        and (own_day is null or (own_amount is null and amount_above is not null))
        and coalesce(own_customer = customer_above, is_blank)
        and coalesce(own_day = day_above, true)
        and coalesce(own_clinic = clinic_above, true)
{%- endmacro %}


{#
    Rows of `relation` with their amounts: where an order has its total once (told_once), its
    rows share it, by price × quantity if all have it. Rounded sums, so that the shares are the
    total together.
#}
{% macro shared_totals(relation) -%}
    {%- set order = 'partition by file_id, file_name, order_id' -%}
    {%- set share = 'cast(total * ({}) / sum(weight) over of_order as decimal(18, 2))' -%}
    select
        lines.*,
        coalesce(shares.amount, own_amount, priced) as amount
    from {{ relation }} as lines
    left join (
        select
            row_id as shared_row_id,
            {{ share.format('sum(weight) over upto') }}
            - {{ share.format('sum(weight) over upto - weight') }} as amount
        from (
            select
                orders.*,
                row_id,
                case when least_price >= 0 and price > 0 then priced else 1 end as weight
            from ({{ told_once(relation) }}) as orders
            inner join {{ relation }} as lines
                on {{ named_equal('orders', 'lines', ['file_id', 'file_name', 'order_id']) }}
            where unparsable_column is null
        ) as weighed
        window of_order as ({{ order }}), upto as ({{ order }} order by row_id rows unbounded preceding)
    ) as shares on lines.row_id = shared_row_id
{%- endmacro %}


{#
    Orders of several rows of which one has an amount, in files where nearly all orders are so:
    it is the order's total.
#}
{% macro told_once(relation) -%}
    select * from (
        select
            *,
            avg(case when amounts = 1 then 1.0 else 0.0 end)
                over (partition by file_id, file_name) as share_of_file
        from (
            select
                file_id, file_name, order_id,
                count(own_amount) as amounts,
                sum(own_amount) as total,
                min(coalesce(priced, -1)) as least_price,
                sum(priced) as price
            from {{ relation }}
            where order_number is not null and order_id is not null and unparsable_column is null
            group by file_id, file_name, order_id
            having count(*) > 1
        ) as several
    ) as judged
    where amounts = 1 and share_of_file >= 0.9
{%- endmacro %}
