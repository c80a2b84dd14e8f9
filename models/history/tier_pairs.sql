-- Tiers on the two days of each pair that this run touched, with the cause of each move
-- (null for who stayed). One row per customer, pair and model.
{{ config(materialized='view') }}
-- depends_on: {{ ref('customer_pairs') }} {{ ref('policy_effects') }}
-- depends_on: {{ ref('tiers') }} {{ ref('tier_membership') }}
with tiers_then_and_now as (
    {{ tiers_on_two_days(ref('customer_pairs')) }}
)

select * from tiers_then_and_now
