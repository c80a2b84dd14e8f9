-- The shape of the year: spring-festival dip, 618 and double-11 peaks, busy weekends.
-- Processes run in even "units"; `warp` maps each unit to a day, so that busy days
-- receive more of them. Units 0 .. history_units - 1 are the five years; later ones
-- are the future that only the truth file sees.
create or replace table spring_festivals as
select unnest([
    date '2011-02-03', date '2012-01-23', date '2013-02-10', date '2014-01-31',
    date '2015-02-19', date '2016-02-08', date '2017-01-28', date '2018-02-16',
    date '2019-02-05', date '2020-01-25', date '2021-02-12', date '2022-02-01',
    date '2023-01-22', date '2024-02-10', date '2025-01-29', date '2026-02-17',
    date '2027-02-06', date '2028-01-26', date '2029-02-13', date '2030-02-03',
    date '2031-01-23', date '2032-02-11', date '2033-01-31', date '2034-02-19',
    date '2035-02-08', date '2036-01-28', date '2037-02-15', date '2038-02-04',
    date '2039-01-24', date '2040-02-12',
]) as festival_date;

create or replace table calendar as
with
days as (
    select unnest(range(
        getvariable('start_date')::timestamp,
        getvariable('end_date')::timestamp + interval 1097 day,
        interval 1 day
    ))::date as day,
),

weighed as (
    select
        day,
        ([95, 85, 105, 105, 110, 115, 95, 95, 95, 100, 110, 100])[month(day)]
        * if(isodow(day) >= 6, 135, 100)
        * case
            when exists (
                from spring_festivals
                where days.day between festival_date - 3 and festival_date + 8
            ) then 12
            when month(day) = 6 and day(day) between 8 and 18 then 160
            when month(day) = 11 and day(day) between 1 and 11 then 190
            else 100
        end as weight,
    from days
)

select
    day,
    weight::bigint as weight,
    sum(weight::bigint) over (order by day)::bigint as weight_to_date,
from weighed
order by day;

create or replace table warp as
with
scale as (
    select
        getvariable('history_units')::bigint as history_units,
        (
            select weight_to_date from calendar where day = getvariable('end_date')
        ) as history_weight,
),

units as (
    select
        unit,
        unit * history_weight // history_units as weight_before,
    from scale, range(history_units + 1095) as numbers (unit)
)

select
    units.unit::bigint as unit,
    calendar.day,
from units
asof join
    (select day, weight_to_date - weight as weight_before from calendar) as calendar
    on units.weight_before >= calendar.weight_before
order by unit;
