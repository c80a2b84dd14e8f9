-- The migration matrices: how many went from which tier to which, and why; those who
-- stayed as well. One row per day, rule set, clinic, model, pair of tiers and cause.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook='{{ forget_pairs() }}',
) }}
with computed as (
    select
        ruleset,
        from_date,
        to_date
    from {{ ref('snapshot_pairs') }}
    where is_computed
),

placed (
    ruleset, from_date, to_date, clinic_id, model, from_tier, to_tier, cause,
    from_net_amount_365, to_net_amount_365, customers
) as (
    select
        moves.ruleset,
        moves.from_date,
        moves.to_date,
        moves.clinic_id,
        moves.model,
        moves.from_tier,
        moves.to_tier,
        moves.cause,
        moves.from_net_amount_365,
        moves.to_net_amount_365,
        1
    from {{ ref('tier_moves') }} as moves
    inner join computed
        on moves.to_date = computed.to_date and moves.ruleset = computed.ruleset
    union all
    select
        firsts.ruleset,
        computed.from_date,
        computed.to_date,
        firsts.clinic_id,
        firsts.model,
        null,
        firsts.tier,
        'first_snapshot',
        0,
        firsts.net_amount_365,
        1
    from {{ ref('tier_snapshots') }} as firsts
    inner join computed
        on firsts.as_of_date = computed.to_date and firsts.ruleset = computed.ruleset
    where computed.from_date is null
    {% for name in var('tier_models') %}
        union all
        select
            ruleset,
            from_date,
            to_date,
            coalesce(to_clinic_id, from_clinic_id),
            '{{ name }}',
            from_{{ name }},
            to_{{ name }},
            null,
            sum(coalesce(from_net_amount_365, 0)),
            sum(coalesce(to_net_amount_365, 0)),
            count(*)
        from {{ ref('customer_pairs') }}
        where from_{{ name }} = to_{{ name }}
        group by
            ruleset, from_date, to_date, coalesce(to_clinic_id, from_clinic_id),
            from_{{ name }}, to_{{ name }}
    {% endfor %}
)

select
    ruleset,
    from_date,
    to_date,
    clinic_id,
    model,
    from_tier,
    to_tier,
    cause,
    cast(sum(customers) as bigint) as customers,
    sum(from_net_amount_365) as from_net_amount_365,
    sum(to_net_amount_365) as to_net_amount_365
from placed
group by
    ruleset, from_date, to_date, clinic_id, model, from_tier, to_tier, cause
