-- What the rules of publication.yml ask, in views.
set variable as_of = (select max(as_of_date) from marts.mart_customer_tiers);

create temp view tiers as
select
  'now' as edition, final_tier as tier, any_value(final_label_en) as label,
  count(*) as customers, coalesce(sum(net_amount_365), 0) as revenue
from marts.mart_customer_tiers where as_of_date = getvariable('as_of') group by final_tier
union all
select 'last', final_tier, any_value(final_label_en), count(*), coalesce(sum(net_amount_365), 0)
from last.mart_customer_tiers
where as_of_date = (select max(as_of_date) from last.mart_customer_tiers)
group by final_tier;

create temp view headline as
with sums as (
  select
    cast(coalesce(sum(customers) filter (edition = 'now'), 0) as bigint) as customers,
    cast(sum(customers) filter (edition = 'last') as bigint) as last_customers,
    coalesce(sum(revenue) filter (edition = 'now'), 0) as revenue,
    sum(revenue) filter (edition = 'last') as last_revenue
  from tiers
)
select
  *,
  format('customers: from {:,} to {:,}, {} by {:.1f} %', last_customers, customers,
    if(customers < last_customers, 'down', 'up'),
    100.0 * abs(customers - last_customers) / last_customers) as customer_words,
  format('net amount of 365 days: from {:,} to {:,}, {} by {:.1f} %',
    cast(last_revenue as bigint), cast(revenue as bigint),
    if(revenue < last_revenue, 'down', 'up'),
    100.0 * abs(revenue - last_revenue) / last_revenue) as revenue_words
from sums where last_customers > 0;

-- Rows that name nobody are walk-ins, and no sign that anything is wrong.
create temp view now_feeds as
select
  source || '.' || subject as subject,
  cast(coalesce(sum(row_count) filter (rule = 'rejected'), 0)
    - coalesce(sum(row_count) filter (rule = 'nobody_named'), 0) as bigint) as rejected,
  cast(sum(row_count) filter (kind = 'rows') as bigint) as total
from marts.mart_data_quality
where (kind = 'rows' and rule in ('accepted', 'rejected', 'superseded'))
  or (kind = 'rejection' and rule = 'nobody_named')
group by source, subject;

create temp view last_feeds as
select
  source || '.' || subject as subject,
  cast(coalesce(sum(row_count) filter (rule = 'rejected'), 0)
    - coalesce(sum(row_count) filter (rule = 'nobody_named'), 0) as bigint) as rejected,
  cast(sum(row_count) filter (kind = 'rows') as bigint) as total
from last.mart_data_quality
where (kind = 'rows' and rule in ('accepted', 'rejected', 'superseded'))
  or (kind = 'rejection' and rule = 'nobody_named')
group by source, subject;

-- The three commonest reasons for which rows of a feed were rejected.
create temp view reasons as
with counted as (
  select
    source || '.' || subject as subject,
    coalesce(label_en, rule) || coalesce(' (' || nullif(column_name, '') || ')', '') as reason,
    row_count,
    row_number() over (partition by source, subject order by row_count desc, rule) as place
  from marts.mart_data_quality where kind = 'rejection' and rule <> 'nobody_named'
)
select subject, string_agg(format('{}: {:,}', reason, row_count), '; ' order by place) as reasons
from counted where place <= 3 group by subject;

-- Files in force that came since the last publication.
create temp view new_files as
select file_id, source, file_name
from strata.landing.files
where
  file_id not in (select file_id from strata.landing.withdrawn_files)
  and source in (select source from marts.mart_data_quality where kind = 'rows')
  and loaded_at
    > coalesce((select max(published_at) from last.publication), timestamp '1970-01-01');

-- Their rows in every checked feed, as a query; those derived from other rows left out.
-- A row's id is that of its file * 2^32 + its line.
set variable carriers = (
  select string_agg(
    format('select ''{0}'' as entity, row_id, fault from strata.entities.{0}_checked'
      || ' where is_carrier and row_id >= {1}', replace(table_name, '_checked', ''),
      (select coalesce(min(file_id), 0) * 4294967296 from new_files)),
    ' union all ')
  from duckdb_tables()
  where
    database_name = 'strata' and schema_name = 'entities' and ends_with(table_name, '_checked')
);

create temp view business_days as
select source, order_date as business_date, count(*) as row_count
from strata.entities.orders where order_date <= getvariable('as_of')
group by source, order_date
union all
select source, visit_date, count(*)
from strata.entities.visits where status = 'arrived' and visit_date <= getvariable('as_of')
group by source, visit_date
