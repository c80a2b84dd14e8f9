-- The ten RFM segments that tutorials publish for the sheet 2010-2011 of Online Retail
-- II, as of 2011-12-11, beside the same with Strata's scores. One row per segment.
-- Compile with --vars '{sources: [online_retail]}'; run in that source's warehouse.
{#
    Published: the closing table of the RFM exercise on this sheet, printed alike in public
    notebooks. Its rules: invoices with a customer and without C; recency in whole days to
    midnight of the day; frequency in invoices; cancellations take nothing back; customers
    who paid nothing are left out. (Two copies were read; they keep customer 13256, whose
    only order was free, and so have 95 promising instead of 94.)

    The frequency score is a quintile of rank(method='first'): of customers with as many
    orders, those with the lower id come first and get the lower score. So `customers` ranks
    by id, too, and agrees in every count. `customers_equal_scores` gives equal counts equal
    scores, as Strata does: customers with one order are not spread over the scores 1 and 2.

    Amounts differ in two ways. The published champions have 18.00 more between them: the
    postage on invoice 581587, the workbook's last line, which the Parquet copy lacks. And
    a line's amount is rounded to the penny here (a few articles cost 0.001).
#}
with published (segment, customers, recency_days, frequency, monetary_amount) as (
    values
    ('hibernating', 1071, 217.605042, 1.101774, 488.643307),
    ('at_risk', 593, 153.785835, 2.878583, 1084.535297),
    ('cant_loose', 63, 132.968254, 8.380952, 2796.155873),
    ('about_to_sleep', 352, 53.312500, 1.161932, 471.994375),
    ('need_attention', 187, 52.427807, 2.326203, 897.627861),
    ('loyal_customers', 819, 33.608059, 6.479853, 2864.247791),
    ('promising', 94, 23.510638, 1.000000, 294.007979),
    ('new_customers', 42, 7.428571, 1.000000, 388.212857),
    ('potential_loyalists', 484, 17.398760, 2.010331, 1041.222004),
    ('champions', 633, 6.361769, 12.417062, 6857.963918)
),

segments (segment, recency_from, recency_to, frequency_from, frequency_to) as (
    values
    ('hibernating', 1, 2, 1, 2),
    ('at_risk', 1, 2, 3, 4),
    ('cant_loose', 1, 2, 5, 5),
    ('about_to_sleep', 3, 3, 1, 2),
    ('need_attention', 3, 3, 3, 3),
    ('loyal_customers', 3, 4, 4, 5),
    ('promising', 4, 4, 1, 1),
    ('new_customers', 5, 5, 1, 1),
    ('potential_loyalists', 4, 5, 2, 3),
    ('champions', 5, 5, 4, 5)
),

invoices as (
    select
        orders.customer_id,
        orders.order_id,
        orders.order_date,
        sum(items.net_amount) as net_amount
    from {{ ref('orders') }} as orders
    inner join {{ ref('order_items') }} as items
        on
            orders.source = items.source
            and orders.order_id = items.order_id
    where
        orders.source = 'online_retail'
        and orders.order_date between date '2010-12-01' and date '2011-12-10'
    group by orders.customer_id, orders.order_id, orders.order_date
),

customers as (
    select
        customer_id,
        {{ days_between('max(order_date)', "date '2011-12-10'") }} as recency_days,
        count(*) as frequency,
        sum(net_amount) as monetary_amount
    from invoices
    group by customer_id
    having sum(net_amount) > 0
),

placed as (
    select
        *,
        row_number() over (order by frequency asc, customer_id asc) as place
    from customers
),

cuts as (
    select
        {% for fifth in range(1, 5) -%}
            percentile_cont({{ fifth }} / 5.0) within group (order by recency_days)
                as recency_{{ fifth }},
            percentile_cont({{ fifth }} / 5.0) within group (order by place)
                as place_{{ fifth }},
            percentile_disc({{ fifth }} / 5.0) within group (order by frequency)
                as frequency_{{ fifth }}{{ ',' if not loop.last }}
        {% endfor %}
    from placed
),

scored as (
    select
        placed.*,
        {{ score('recency_days', 'recency', '<=') }} as recency_score,
        {{ score('place', 'place', '>') }} as place_score,
        {{ score('frequency', 'frequency', '>') }} as frequency_score
    from placed
    cross join cuts
),

by_place as (
    select
        segments.segment,
        count(*) as customers,
        avg(scored.recency_days) as recency_days,
        avg(scored.frequency) as frequency,
        avg(scored.monetary_amount) as monetary_amount
    from scored
    inner join segments
        on
            scored.recency_score between segments.recency_from and segments.recency_to
            and scored.place_score
            between segments.frequency_from and segments.frequency_to
    group by segments.segment
),

by_equal_score as (
    select
        segments.segment,
        count(*) as customers
    from scored
    inner join segments
        on
            scored.recency_score between segments.recency_from and segments.recency_to
            and scored.frequency_score
            between segments.frequency_from and segments.frequency_to
    group by segments.segment
)

select
    published.segment,
    published.customers as published_customers,
    by_place.customers,
    by_equal_score.customers as customers_equal_scores,
    published.recency_days as published_recency_days,
    published.frequency as published_frequency,
    published.monetary_amount as published_monetary_amount,
    round(by_place.recency_days, 6) as recency_days,
    round(by_place.frequency, 6) as frequency,
    round(by_place.monetary_amount, 6) as monetary_amount
from published
left join by_place on published.segment = by_place.segment
left join by_equal_score on published.segment = by_equal_score.segment
order by published.segment
