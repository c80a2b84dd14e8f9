-- Checks that did not pass, worst first; a long list is cut.
select subject, rule, column_name, severity, status, row_count
from mart_data_quality
where kind = 'check' and status <> 'pass'
order by severity, row_count desc, subject, rule, column_name
limit 30
