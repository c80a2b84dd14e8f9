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
group by newest.source, newest.table_name, newest.row_count, newest.files;

-- What the columns that name a currency say, as a query over the raw tables.
set variable currencies = (
  select coalesce(string_agg(
    format('select ''{0}'' as source, ''{1}'' as table_name, ''{2}'' as column_name,'
      || ' upper(trim(cast("{2}" as varchar))) as said, count(*) as row_count'
      || ' from strata."{3}"."{1}" where _row_id // 4294967296 not in'
      || ' (select file_id from strata.landing.withdrawn_files) group by all',
      schema_name[5:], table_name, replace(column_name, '"', '""'), schema_name),
    ' union all '), 'select null as source, null as table_name, null as column_name,'
    || ' null as said, 0 as row_count where false')
  from duckdb_columns()
  where
    database_name = 'strata'
    and list_contains(getvariable('sources'), schema_name[5:])
    and starts_with(schema_name, 'raw_')
    and regexp_matches(lower(column_name), 'currency|^ccy$|^curr$|币种|币别|货币')
);
