-- The value curve before and after a high-value action (article 001 §02): mean net
-- amount of a month, of those who took it and of those matched to them.
-- One row per as-of date, action with pairs and month; month 0 is the day itself.
with policy as (
    {{ active_policy(['hva_months_before', 'hva_months_after']) }}
),

pairs as (
    select
        as_of_date,
        action,
        count(*) as pairs
    from {{ ref('action_pairs') }}
    group by as_of_date, action
),

months as (
    select
        policy.as_of_date,
        policy.ruleset,
        around.month_offset
    from policy
    inner join {{ ref('month_offsets') }} as around
        on
            policy.scope_id = {{ chain_scope() }}
            and around.month_offset
            between -policy.hva_months_before and policy.hva_months_after
)

select
    months.as_of_date,
    months.ruleset,
    pairs.action,
    months.month_offset,
    cast(pairs.pairs as integer) as pairs,
    cast(
        coalesce(sum(spent.amount) filter (where spent.is_taker), 0)
        / pairs.pairs as decimal(18, 2)
    ) as taken_amount,
    cast(
        coalesce(sum(spent.amount) filter (where not spent.is_taker), 0)
        / pairs.pairs as decimal(18, 2)
    ) as matched_amount
from pairs
inner join months on pairs.as_of_date = months.as_of_date
left join {{ ref('action_pair_months') }} as spent
    on
        pairs.as_of_date = spent.as_of_date
        and pairs.action = spent.action
        and months.month_offset = spent.month_offset
group by
    months.as_of_date, months.ruleset, pairs.action, months.month_offset, pairs.pairs
