-- The RFM map: buyers by recency and frequency score, with their mean monetary score.
select
    recency_score,
    frequency_score,
    count(*) as customers,
    cast(sum(monetary_score) as double) / count(*) as mean_monetary_score
from rfm
where recency_score is not null and frequency_score is not null
group by recency_score, frequency_score
order by recency_score, frequency_score
