-- How many checks ended in each status.
select status, count(*) as checks
from mart_data_quality
where kind = 'check'
group by status
order by status
