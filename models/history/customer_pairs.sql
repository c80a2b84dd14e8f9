-- Customers on the two days of each pair that this run touched and that has a day
-- before, side by side, with what happened between. One row per customer and pair.
-- depends_on: {{ ref('customer_snapshots') }} {{ ref('customer_bridge') }}
-- depends_on: {{ ref('customer_facts') }} {{ ref('snapshot_days') }}
{{ config(meta={'recompute': 'customer', 'reads_merges': true, 'in_parts': true}) }}
with pairs as (
    select * from {{ ref('touched_pairs') }}
    where from_date is not null
),

customers as (
    {{ customers_on_two_days('pairs') }}
)

select * from customers
