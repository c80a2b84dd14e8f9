-- How long ago the customers of each stage last consumed, in days.
select
    lifecycle_tier as tier,
    min(days_since_consumption) as low,
    max(days_since_consumption) as high
from customers
where days_since_consumption is not null
group by lifecycle_tier
order by lifecycle_tier
