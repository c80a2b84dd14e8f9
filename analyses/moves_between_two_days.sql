-- Who went from which tier to which between any two days that history keeps, and why:
-- variables from_date and to_date. `strata moves` shows it.
-- One row per model, pair of tiers and cause.
-- depends_on: {{ ref('customer_snapshots') }} {{ ref('customer_bridge') }}
-- depends_on: {{ ref('customer_facts') }} {{ ref('snapshot_days') }}
-- depends_on: {{ ref('policy_effects') }} {{ ref('tiers') }}
-- depends_on: {{ ref('customer_tiers') }}
with pairs as (
    select
        earlier.ruleset,
        earlier.as_of_date as from_date,
        later.as_of_date as to_date,
        earlier.loaded_through as from_loaded_through,
        later.loaded_through as to_loaded_through
    from {{ ref('snapshot_days') }} as earlier
    inner join {{ ref('snapshot_days') }} as later on earlier.ruleset = later.ruleset
    where
        earlier.ruleset = '{{ var("ruleset") }}'
        and earlier.as_of_date = date '{{ var("from_date", "2000-01-01") }}'
        and later.as_of_date = date '{{ var("to_date", "2000-01-01") }}'
),

customers as (
    {{ customers_on_two_days('pairs') }}
),

moves (
    customer_key, ruleset, from_date, to_date, model, from_tier, to_tier, from_rank,
    to_rank, from_clv_amount, to_clv_amount, clinic_id, scope_id, from_net_amount_365,
    to_net_amount_365, cause
) as (
    {{ tiers_on_two_days('customers') }}
)

select
    model,
    from_tier,
    to_tier,
    from_rank,
    to_rank,
    cause,
    count(*) as customers,
    sum(from_net_amount_365) as from_net_amount_365,
    sum(to_net_amount_365) as to_net_amount_365
from moves
group by model, from_tier, to_tier, from_rank, to_rank, cause
order by
    model asc,
    from_rank asc nulls first,
    to_rank asc nulls first,
    cause asc nulls first
