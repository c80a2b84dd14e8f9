-- Tiers as slowly changing dimension: what a customer was from one snapshot to another
-- (month ends, then the latest day). One row per customer, model and stay in a tier.
{{ config(meta={'recompute': 'customer', 'in_parts': true}) }}
with chain as (
    select to_date from {{ ref('served_pairs') }}
    where is_in_chain
),

moves as (
    select
        moves.*,
        lead(moves.to_date) over (
            partition by moves.customer_key, moves.model order by moves.to_date asc
        ) as next_date
    from {{ ref('tier_changes') }} as moves
    inner join chain on moves.to_date = chain.to_date
    where moves.ruleset = '{{ var("ruleset") }}'
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
