-- The migration matrices: how many went from which tier to which, and why; those who
-- stayed as well. One row per day, rule set, clinic, model, pair of tiers and cause.
-- depends_on: {{ ref('touched_pairs') }} {{ ref('snapshot_pairs') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook='{{ forget_pairs() }}',
) }}
select
    ruleset,
    from_date,
    to_date,
    clinic_id,
    model,
    from_tier,
    to_tier,
    cause,
    count(*) as customers,
    sum(from_net_amount_365) as from_net_amount_365,
    sum(to_net_amount_365) as to_net_amount_365
from {{ ref('tier_pairs') }}
group by
    ruleset, from_date, to_date, clinic_id, model, from_tier, to_tier, cause
