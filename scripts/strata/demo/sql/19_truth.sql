-- What no clinic can know: when each person really stopped, and what the same process
-- brings in the 12 and 36 months after the end date (net of discounts, before refunds).
create or replace table out_customers_truth as
with
last_orders as (
    select
        person_no,
        max(day) filter (day <= getvariable('end_date')) as last_day,
    from order_events
    where status = 'paid'
    group by person_no
),

future as (
    select
        person_no,
        sum(net_cents) filter (day <= getvariable('end_date') + interval 12 month)
            as cents_12,
        sum(net_cents) filter (day <= getvariable('end_date') + interval 36 month)
            as cents_36,
        count(distinct order_no) filter (
            day <= getvariable('end_date') + interval 12 month
        ) as orders_12,
    from order_lines
    where
        day > getvariable('end_date')
        and status = 'paid'
    group by person_no
),

cycles as (
    select category, purse, avg(cycle_days) as cycle_days,
    from product_slots
    group by category, purse
),

told as (
    select
        people.*,
        case
            when dropouts.dropout_day is not null
                then greatest(dropouts.dropout_day, last_orders.last_day)
        end as true_dropout_date,
        case when people.kind = 'buyer' then
            cast(
                365 / (
                    adherence * cycles.cycle_days * tempo / getvariable('activity')
                    + (1 - adherence) * gap_days
                ) as decimal(9, 3)
            )
        end as true_orders_per_year,
        yuan(coalesce(future.cents_12, 0)) as true_value_12_months,
        yuan(coalesce(future.cents_36, 0)) as true_value_36_months,
        coalesce(future.orders_12, 0) as true_orders_12_months,
    from people
    left join dropouts
        on people.person_no = dropouts.person_no
    left join last_orders
        on people.person_no = last_orders.person_no
    left join future
        on people.person_no = future.person_no
    left join cycles
        on people.main_category = cycles.category
        and people.purse = cycles.purse
)

select
    records.customer_id,
    'PERSON' || lpad(told.person_no::varchar, 9, '0') as person_id,
    records.record_no = 1 as is_primary_record,
    told.archetype,
    told.true_dropout_date,
    told.true_orders_per_year,
    told.true_orders_12_months,
    told.true_value_12_months,
    told.true_value_36_months,
from told
inner join records
    on told.person_no = records.person_no;
