-- The value curve before and after an action: what those who took it and those
-- matched to them spent in each month; month 0 is the day itself.
-- One row per matched day, action with pairs and month.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert',
    unique_key='as_of_date', full_refresh=false) }}
with policy as (
    {{ active_policy(['hva_months_before', 'hva_months_after']) }}
),

-- As far as a curve may ever reach: five years.
months (month_offset) as (
    values
    {% for month in range(-60, 61) -%}
        ({{ month }}){{ ', ' if not loop.last }}
    {%- endfor %}
),

pairs as (
    select
        pairs.as_of_date,
        pairs.action,
        count(*) as pairs
    from {{ ref('action_pairs') }} as pairs
    inner join {{ ref('action_days') }} as days on pairs.as_of_date = days.as_of_date
    group by pairs.as_of_date, pairs.action
)

select
    pairs.as_of_date,
    policy.ruleset,
    pairs.action,
    months.month_offset,
    pairs.pairs,
    coalesce(sum(case when spent.is_taker then spent.amount end), 0) as taken_amount,
    coalesce(sum(case when not spent.is_taker then spent.amount end), 0)
        as matched_amount
from pairs
inner join policy
    on
        pairs.as_of_date = policy.as_of_date
        and policy.scope_id = {{ chain_scope() }}
inner join months
    on
        months.month_offset
        between -policy.hva_months_before and policy.hva_months_after
left join {{ ref('action_pair_months') }} as spent
    on
        pairs.as_of_date = spent.as_of_date
        and pairs.action = spent.action
        and months.month_offset = spent.month_offset
group by
    pairs.as_of_date, policy.ruleset, pairs.action, months.month_offset, pairs.pairs
