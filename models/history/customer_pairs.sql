-- Customers on the two days of each pair that this run computes and that has a day
-- before, side by side, with what happened between. One row per customer and pair.
-- depends_on: {{ ref('customer_snapshots') }} {{ ref('customer_bridge') }}
-- depends_on: {{ ref('customer_facts') }}
with pairs as (
    select * from {{ ref('snapshot_pairs') }}
    where is_computed and from_date is not null
),

customers as (
    {{ customers_on_two_days('pairs') }}
)

select * from customers
