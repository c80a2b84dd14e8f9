-- Why they moved, or came and left, since the month end before the published day.
select
    migrations.cause,
    min(migrations.cause_label_zh) as label_zh,
    min(migrations.cause_label_en) as label_en,
    cast(coalesce(sum(migrations.customers) filter (where migrations.is_upgrade), 0) as bigint)
        as risen,
    cast(coalesce(sum(migrations.customers) filter (where migrations.is_downgrade), 0) as bigint)
        as fallen,
    cast(coalesce(sum(migrations.customers) filter (
        where not migrations.is_upgrade and not migrations.is_downgrade
    ), 0) as bigint) as other
from mart_tier_migrations as migrations
inner join published
    on migrations.ruleset = published.ruleset
    and migrations.to_date = published.as_of_date
where migrations.model = 'final'
    and migrations.from_date is not null
    and migrations.cause is not null
group by migrations.cause
order by risen + fallen + other desc, migrations.cause
