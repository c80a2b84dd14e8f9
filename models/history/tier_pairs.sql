-- Tiers on the two days of each pair that this run computes, with the cause of each move
-- (null for whoever stayed). One row per customer, pair and model.
{{ config(materialized='view') }}
-- depends_on: {{ ref('customer_pairs') }} {{ ref('policy_effects') }} {{ ref('tiers') }}
-- depends_on: {{ ref('customer_tiers') }}
with tiers_then_and_now (
    customer_key, ruleset, from_date, to_date, model, from_tier, to_tier, from_rank,
    to_rank, from_clv_amount, to_clv_amount, clinic_id, scope_id, from_net_amount_365,
    to_net_amount_365, cause
) as (
    {{ tiers_on_two_days(ref('customer_pairs')) }}
)

select * from tiers_then_and_now
