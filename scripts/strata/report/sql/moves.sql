-- Who moved in the headline tier since the month end before the published day, by way.
select
    migrations.from_date,
    migrations.from_tier,
    min(migrations.from_label_zh) as from_label_zh,
    min(migrations.from_label_en) as from_label_en,
    migrations.to_tier,
    min(migrations.to_label_zh) as to_label_zh,
    min(migrations.to_label_en) as to_label_en,
    migrations.is_upgrade,
    cast(sum(migrations.customers) as bigint) as customers,
    sum(migrations.to_net_amount_365) as net_amount_365
from mart_tier_migrations as migrations
inner join published
    on migrations.ruleset = published.ruleset
    and migrations.to_date = published.as_of_date
where migrations.model = 'final'
    and (migrations.is_upgrade or migrations.is_downgrade)
group by
    migrations.from_date, migrations.from_tier, migrations.to_tier, migrations.is_upgrade
order by customers desc, from_tier, to_tier
