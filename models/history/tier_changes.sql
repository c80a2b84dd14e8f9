-- How a customer came to where she is: into the first day in history, then every move.
-- One row per customer, day, rule set and model.
{{ config(materialized='view') }}
select
    firsts.customer_key,
    firsts.ruleset,
    pairs.from_date,
    pairs.to_date,
    firsts.clinic_id,
    firsts.model,
    cast(null as varchar) as from_tier,
    firsts.tier as to_tier,
    cast(null as integer) as from_rank,
    firsts.tier_rank as to_rank,
    'first_snapshot' as cause,
    0 as from_net_amount_365,
    firsts.net_amount_365 as to_net_amount_365
from {{ ref('tier_snapshots') }} as firsts
inner join {{ ref('snapshot_pairs') }} as pairs
    on firsts.ruleset = pairs.ruleset and firsts.as_of_date = pairs.to_date
where pairs.from_date is null
union all
select
    customer_key,
    ruleset,
    from_date,
    to_date,
    clinic_id,
    model,
    from_tier,
    to_tier,
    from_rank,
    to_rank,
    cause,
    from_net_amount_365,
    to_net_amount_365
from {{ ref('tier_moves') }}
where from_date is not null
