-- Who moved between a kept day and the month end before it, and why; to the first day
-- in history nobody moved. One row per customer, day, rule set and model.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook='{{ forget_pairs() }}',
) }}
-- depends_on: {{ ref('snapshot_pairs') }}
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
    to_net_amount_365,
    from_clv_amount,
    to_clv_amount
from {{ ref('tier_pairs') }}
where from_tier is distinct from to_tier
