-- Who moved between a kept day and the month end before it, and why.
-- One row per customer, day, rule set and model.
-- depends_on: {{ ref('touched_pairs') }} {{ ref('snapshot_pairs') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook='{{ forget_pairs() }}',
) }}
select * from {{ ref('tier_pairs') }}
where cause is not null
order by to_date asc, model asc, customer_key asc
