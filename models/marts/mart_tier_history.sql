-- Tiers as slowly changing dimension: what a customer was from one snapshot to another
-- (month ends, then the latest day). One row per customer, model and stay in a tier.
with chain as (
    select
        to_date,
        from_date
    from {{ ref('snapshot_pairs') }}
    where is_in_chain
),

-- Into the first day in history, then every move.
changes (
    customer_key, ruleset, model, from_tier, to_tier, to_rank, cause, to_date
) as (
    select
        firsts.customer_key,
        firsts.ruleset,
        firsts.model,
        cast(null as varchar),
        firsts.tier,
        firsts.tier_rank,
        'first_snapshot',
        chain.to_date
    from {{ ref('tier_snapshots') }} as firsts
    inner join chain on firsts.as_of_date = chain.to_date
    where chain.from_date is null and firsts.ruleset = '{{ var("ruleset") }}'
    union all
    select
        moves.customer_key,
        moves.ruleset,
        moves.model,
        moves.from_tier,
        moves.to_tier,
        moves.to_rank,
        moves.cause,
        moves.to_date
    from {{ ref('tier_moves') }} as moves
    inner join chain on moves.to_date = chain.to_date
    where moves.ruleset = '{{ var("ruleset") }}'
),

moves as (
    select
        *,
        lead(to_date) over (
            partition by customer_key, model order by to_date asc
        ) as next_date
    from changes
)

select
    moves.customer_key,
    moves.ruleset,
    moves.model,
    moves.to_tier as tier,
    moves.to_rank as tier_rank,
    labels.label_en,
    labels.label_zh,
    moves.to_date as valid_from,
    moves.from_tier as tier_before,
    moves.cause,
    {{ days_after('moves.next_date', '-1') }} as valid_to,
    moves.next_date is null as is_current
from moves
left join {{ ref('tiers') }} as labels
    on moves.model = labels.model and moves.to_tier = labels.tier
where moves.to_tier is not null
