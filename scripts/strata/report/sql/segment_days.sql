-- Median days since the last purchase in each segment.
select segment as tier, quantile_disc(days_since_purchase, 0.5) as median_days
from rfm
where days_since_purchase is not null
group by segment
order by segment
