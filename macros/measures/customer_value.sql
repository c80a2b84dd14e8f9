{#
    What the customer-value models learn from. These macros ask dbt for nothing but how an
    engine says it (macros/engines/portable.sql), so that `strata backtest` renders the same
    text for data of its own (scripts/strata/clv/sql.py).

    movements: one row per customer, order and movement (movement_date, amount); payments
        above zero, refunds of an order below.
    dates: one row per value of the column `date_column`.
    customer, order: the columns that name them.
#}

{#
    Purchase days: what a day's orders are worth on a date, refunds until then deducted;
    orders that are worth nothing (any more) do not count. One row per date, customer, day.
#}
{% macro clv_purchase_days(
    movements, dates, date_column, customer='customer_key', order='order_key'
) -%}
    with standing as (
        select
            dates.{{ date_column }},
            movements.{{ customer }},
            movements.{{ order }},
            min(movements.movement_date) as purchase_date,
            sum(movements.amount) as amount
        from {{ movements }} as movements
        inner join {{ dates }} as dates
            on movements.movement_date <= dates.{{ date_column }}
        group by dates.{{ date_column }}, movements.{{ customer }}, movements.{{ order }}
    )

    select
        {{ date_column }},
        {{ customer }},
        purchase_date,
        sum(amount) as amount
    from standing
    where amount > 0
    group by {{ date_column }}, {{ customer }}, purchase_date
{%- endmacro %}


{#
    Purchase histories: purchase days, repeats among them, days from the first to the last
    and from the first to the date, and the mean amount of a purchase day.
    One row per date and customer.
#}
{% macro clv_histories(purchase_days, date_column, customer='customer_key') -%}
    select
        {{ date_column }},
        {{ customer }},
        cast(count(*) as integer) as purchase_days,
        cast(count(*) - 1 as integer) as repeat_days,
        cast(
            {{ days_between('min(purchase_date)', 'max(purchase_date)') }} as integer
        ) as recency_days,
        cast(
            {{ days_between('min(purchase_date)', date_column) }} as integer
        ) as age_days,
        min(purchase_date) as first_purchase_date,
        cast(sum(amount) as decimal(18, 2)) as total_amount,
        {{ exact_ratio('sum(amount)', 'count(*)', 2) }} as mean_amount
    from {{ purchase_days }}
    group by {{ date_column }}, {{ customer }}
{%- endmacro %}


{#
    What the machine-learned challenger sees of a customer's purchase days (`days_ago`).
    One row per date and customer.
#}
{% macro clv_features(purchase_days, date_column) -%}
    select
        {{ date_column }},
        customer_key,
        {%- for days in [90, 180, 365, 730] %}
        cast(count(*) filter (where days_ago < {{ days }}) as integer)
            as purchase_days_{{ days }},
        cast(
            coalesce(sum(amount) filter (where days_ago < {{ days }}), 0) as decimal(18, 2)
        ) as amount_{{ days }},
        {%- endfor %}
        cast(count(*) as integer) as purchase_days,
        cast(min(days_ago) as integer) as days_since_last,
        cast(max(days_ago) as integer) as days_since_first,
        {{ exact_ratio('max(days_ago) - min(days_ago)', 'greatest(count(*) - 1, 1)', 4) }}
            as mean_gap_days,
        cast(sum(amount) as decimal(18, 2)) as total_amount,
        {{ exact_ratio('sum(amount)', 'count(*)', 2) }} as mean_amount,
        cast(max(amount) as decimal(18, 2)) as largest_amount
    from {{ purchase_days }}
    group by {{ date_column }}, customer_key
{%- endmacro %}


{#
    What customers spend after a date and until the label's date: the answer that the
    challenger learns. One row per label date and customer who spends.
#}
{% macro clv_labels(purchase_days, date_column, after) -%}
    select
        {{ date_column }},
        customer_key,
        cast(sum(amount) as decimal(18, 2)) as amount
    from {{ purchase_days }}
    where purchase_date > {{ after }}
    group by {{ date_column }}, customer_key
{%- endmacro %}


{#
    What was known of each buyer on a day (clv_features over all their purchase days), and
    whether they bought within the window after it, as known at its end. Windows follow one
    another: place 0 is the last day known, place 1 a window before it, and so on; of a day
    without a place after it nothing is known yet. One row per place and buyer.

    places: place, day. Ends of windows are days of the place before (place - 1).
#}
{% macro churn_histories(movements, places, window_days) -%}
    with days as (
        select distinct day from {{ places }}
    ),

    bought as (
        {{ clv_purchase_days(movements, 'days', 'day') }}
    ),

    dated as (
        select
            bought.*,
            {{ days_between('purchase_date', 'day') }} as days_ago
        from bought
    ),

    features as (
        {{ clv_features('dated', 'day') }}
    ),

    back as (
        select distinct
            places.place + 1 as place,
            dated.customer_key
        from dated
        inner join {{ places }} as places on dated.day = places.day
        where dated.days_ago < {{ window_days }}
    )

    select
        places.place,
        features.*,
        case
            when places.place > 0 then case when back.customer_key is null then 1 else 0 end
        end as has_left
    from {{ places }} as places
    inner join features on places.day = features.day
    left join back
        on features.customer_key = back.customer_key and places.place = back.place
{%- endmacro %}


{# The table into which `strata backtest` writes and which mart_clv_backtest reads. #}
{% macro clv_backtest_table() -%}
    create table if not exists audit.clv_backtest (
        dataset varchar, origin_date date, horizon_days integer, model varchar,
        metric varchar, band varchar, figure double, low double, high double,
        customers bigint, note varchar
    )
{%- endmacro %}


{# What a purchase day to come is worth under Gamma-Gamma; the own mean where it has no fit. #}
{% macro expected_spend(fits, histories) -%}
    coalesce(
        {{ fits }}.p * ({{ fits }}.v + {{ histories }}.purchase_days * {{ histories }}.mean_amount)
        / ({{ fits }}.p * {{ histories }}.purchase_days + {{ fits }}.q - 1),
        {{ histories }}.mean_amount
    )
{%- endmacro %}
