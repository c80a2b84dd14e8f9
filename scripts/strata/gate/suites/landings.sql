-- What the rules of landings.yml ask, in views.
-- What one load brought to a table; the newest is of age 1.
create temp view deliveries as
select
  source, table_name, loaded_at, sum(rows_loaded)::bigint as row_count,
  sum(rows_unreadable)::bigint as unreadable_count,
  array_to_string(list(file_name order by file_name)[:3], ', ')
    || if(count(*) > 3, format(' and {} more', count(*) - 3), '') as files,
  row_number() over (partition by source, table_name order by loaded_at desc) as age
from strata.landing.files
where
  list_contains(getvariable('sources'), source)
  and file_id not in (select file_id from strata.landing.withdrawn_files)
group by source, table_name, loaded_at;

create temp view compared as
select
  newest.source, newest.table_name, newest.row_count, newest.files,
  median(before.row_count) as usual, count(*) as earlier
from deliveries as newest
inner join deliveries as before using (source, table_name)
where newest.age = 1 and before.age > 1
group by newest.source, newest.table_name, newest.row_count, newest.files
