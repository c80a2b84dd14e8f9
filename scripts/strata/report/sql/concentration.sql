-- Share of the last 12 months' net revenue that the first p % of its buyers bring.
-- Customers with equal amounts are one step, so that ties cannot change the curve.
with amounts as (
    select net_amount_365 as amount, count(*) as customers
    from customers
    where purchases_365 > 0
    group by net_amount_365
),

running as (
    select
        amount,
        sum(customers) over (order by amount desc) as customers,
        sum(customers * amount) over (order by amount desc) as net_amount
    from amounts
),

places as (
    select
        unnest(range(0, 101)) as percent,
        (select sum(customers) from amounts) as customers_all,
        (select sum(customers * amount) from amounts) as net_amount_all
)

select
    places.percent,
    cast(ceil(places.percent * places.customers_all / 100) as bigint) as customers,
    cast(
        running.net_amount
        - (running.customers - ceil(places.percent * places.customers_all / 100))
        * running.amount
        as double
    ) / cast(places.net_amount_all as double) as share
from places
asof inner join running
    on ceil(places.percent * places.customers_all / 100) <= running.customers
where places.net_amount_all > 0
order by places.percent
