-- Rows of each feed by their fate. Unreadable lines never became rows; they are added.
select
    subject,
    cast(coalesce(sum(row_count) filter (where kind = 'rows' and rule = 'accepted'), 0) as bigint)
        as accepted,
    cast(coalesce(sum(row_count) filter (
        where (kind = 'rows' and rule = 'rejected')
        or (kind = 'rejection' and rule = 'unreadable_row')
    ), 0) as bigint) as rejected,
    cast(coalesce(sum(row_count) filter (
        where kind = 'rows' and rule = 'superseded'
    ), 0) as bigint) as superseded,
    cast(coalesce(sum(row_count) filter (
        where kind = 'rejection' and rule = 'unreadable_row'
    ), 0) as bigint) as unreadable
from mart_data_quality
where kind in ('rows', 'rejection')
group by subject
order by rejected desc, accepted desc, subject
