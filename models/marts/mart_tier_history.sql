-- Tiers as slowly changing dimension: what a customer was from one snapshot to another
-- (month ends, then the latest day). One row per customer, model and stay in a tier.
with chain as (
    select
        to_date,
        from_date
    from {{ ref('snapshot_pairs') }}
    where is_in_chain
),

moves as (
    select
        moves.*,
        lead(moves.to_date) over (
            partition by moves.customer_key, moves.model order by moves.to_date asc
        ) as next_date
    from {{ ref('tier_moves') }} as moves
    inner join chain on moves.to_date = chain.to_date
    where moves.ruleset = '{{ var("ruleset") }}'
),

first_moves as (
    select
        customer_key,
        model,
        min(to_date) as first_date
    from moves
    group by customer_key, model
),

-- Into the first day in history, then every move.
stays (
    customer_key, ruleset, model, from_tier, to_tier, to_rank, cause, to_date, next_date
) as (
    select
        firsts.customer_key,
        firsts.ruleset,
        firsts.model,
        cast(null as varchar),
        firsts.tier,
        firsts.tier_rank,
        'first_snapshot',
        chain.to_date,
        first_moves.first_date
    from {{ ref('tier_snapshots') }} as firsts
    inner join chain on firsts.as_of_date = chain.to_date
    left join first_moves
        on
            firsts.customer_key = first_moves.customer_key
            and firsts.model = first_moves.model
    where chain.from_date is null and firsts.ruleset = '{{ var("ruleset") }}'
    union all
    select
        customer_key,
        ruleset,
        model,
        from_tier,
        to_tier,
        to_rank,
        cause,
        to_date,
        next_date
    from moves
)

select
    stays.customer_key,
    stays.ruleset,
    stays.model,
    stays.to_tier as tier,
    stays.to_rank as tier_rank,
    labels.label_en,
    labels.label_zh,
    stays.to_date as valid_from,
    stays.from_tier as tier_before,
    stays.cause,
    {{ days_after('stays.next_date', '-1') }} as valid_to,
    stays.next_date is null as is_current
from stays
left join {{ ref('tiers') }} as labels
    on stays.model = labels.model and stays.to_tier = labels.tier
where stays.to_tier is not null
