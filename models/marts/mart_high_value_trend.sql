-- How many customers are of high value (seed high_value_tiers) at each month end, on
-- days asked for and the latest day. One row per day, clinic and model that knows it.
with high_value as (
    select
        model,
        tier,
        true as is_high
    from {{ ref('high_value_tiers') }}
),

marked as (
    select
        migrations.*,
        pairs.snapshot_kind,
        pairs.is_in_chain,
        coalesce(migrations.clinic_id, 'unknown') as clinic,
        coalesce(high_before.is_high, false) as was_high,
        coalesce(high_after.is_high, false) as is_high
    from {{ ref('tier_migrations') }} as migrations
    inner join {{ ref('snapshot_pairs') }} as pairs
        on migrations.ruleset = pairs.ruleset and migrations.to_date = pairs.to_date
    left join high_value as high_before
        on
            migrations.model = high_before.model
            and migrations.from_tier = high_before.tier
    left join high_value as high_after
        on migrations.model = high_after.model and migrations.to_tier = high_after.tier
    where
        pairs.is_served
        and migrations.model in (select high_value.model from high_value)
)

select
    to_date as as_of_date,
    ruleset,
    snapshot_kind,
    is_in_chain,
    clinic as clinic_id,
    model,
    cast(sum(customers) filter (where to_tier is not null) as integer) as customers,
    cast(coalesce(sum(customers) filter (where is_high), 0) as integer)
        as high_value_customers,
    cast(coalesce(sum(customers) filter (
        where is_high and not was_high and from_date is not null
    ), 0) as integer) as risen_customers,
    cast(coalesce(sum(customers) filter (where was_high and not is_high), 0) as integer)
        as fallen_customers,
    cast(sum(to_net_amount_365) as decimal(18, 2)) as net_amount_365,
    cast(coalesce(sum(to_net_amount_365) filter (where is_high), 0) as decimal(18, 2))
        as high_value_net_amount_365
from marked
group by to_date, ruleset, snapshot_kind, is_in_chain, clinic, model
