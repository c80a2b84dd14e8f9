-- Migration matrices from the month end before to each month end, day asked for and the
-- latest day: who went from which tier to which, and why; those who stayed as well.
-- One row per day, clinic, model, pair of tiers and cause.
select
    migrations.from_date,
    migrations.to_date,
    migrations.ruleset,
    pairs.snapshot_kind,
    pairs.is_in_chain,
    migrations.model,
    migrations.from_tier,
    from_labels.label_en as from_label_en,
    from_labels.label_zh as from_label_zh,
    migrations.to_tier,
    to_labels.label_en as to_label_en,
    to_labels.label_zh as to_label_zh,
    migrations.cause,
    causes.label_en as cause_label_en,
    causes.label_zh as cause_label_zh,
    cast(migrations.customers as integer) as customers,
    cast(migrations.from_net_amount_365 as decimal(18, 2)) as from_net_amount_365,
    cast(migrations.to_net_amount_365 as decimal(18, 2)) as to_net_amount_365,
    coalesce(migrations.clinic_id, 'unknown') as clinic_id,
    coalesce(to_labels.tier_rank < from_labels.tier_rank, false) as is_upgrade,
    coalesce(to_labels.tier_rank > from_labels.tier_rank, false) as is_downgrade
from {{ ref('tier_migrations') }} as migrations
inner join {{ ref('snapshot_pairs') }} as pairs
    on migrations.ruleset = pairs.ruleset and migrations.to_date = pairs.to_date
left join {{ ref('tiers') }} as from_labels
    on
        migrations.model = from_labels.model
        and migrations.from_tier = from_labels.tier
left join {{ ref('tiers') }} as to_labels
    on migrations.model = to_labels.model and migrations.to_tier = to_labels.tier
left join {{ ref('move_causes') }} as causes on migrations.cause = causes.cause
where pairs.is_served
