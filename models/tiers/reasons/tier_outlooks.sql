-- Until when a tier is kept if nothing new happens, and what comes then.
-- One row per customer, as-of date, rule set and model.
{{ config(materialized='view') }}
with groups as (
    -- 2 true, 1 not known, 0 false: the best of alternatives, the worst of groups.
    select
        {{ ladder_key() }},
        turn_date,
        rung,
        condition_group,
        max(case when is_met then 2 when is_met is null then 1 else 0 end) as truth
    from {{ ref('tier_prospects') }}
    group by {{ ladder_key() }}, turn_date, rung, condition_group
),

rungs as (
    select
        {{ ladder_key() }},
        turn_date,
        rung,
        min(truth) as truth
    from groups
    group by {{ ladder_key() }}, turn_date, rung
),

placed as (
    select
        {{ ladder_key('rungs') }},
        rungs.turn_date,
        arg_min(rungs.rung, ladder.rung_number)
        filter (where rungs.truth > 0) as rung_then,
        arg_min(rungs.truth, ladder.rung_number)
        filter (where rungs.truth > 0) = 1 as is_open
    from rungs
    inner join {{ ref('tier_rungs') }} as ladder
        on rungs.model = ladder.model and rungs.rung = ladder.tier
    group by {{ ladder_key('rungs') }}, rungs.turn_date
),

changes as (
    select
        placed.*,
        coalesce(placed.rung_then, last_rungs.tier) as tier_then,
        coalesce(placed.is_open, false)
        or coalesce(placed.rung_then, last_rungs.tier) != customers.tier as is_change
    from {{ ref('tier_membership') }} as customers
    inner join {{ ref('tier_rungs') }} as last_rungs
        on customers.model = last_rungs.model and last_rungs.is_last
    inner join placed
        on {{ same_ladder('customers', 'placed') }}
    where customers.tier is not null
)

select
    {{ ladder_key() }},
    min(turn_date) filter (where is_change) as change_date,
    arg_min(tier_then, turn_date) filter (where is_change) as tier_then,
    coalesce(arg_min(is_open, turn_date) filter (where is_change), false) as is_open
from changes
group by {{ ladder_key() }}
