-- Whether the pairs are fit to be compared: what both spent before and on the day, how
-- near they are, and how many of the matched took the action later in the window.
-- One row per as-of date and action with pairs.
with policy as (
    {{ active_policy(['hva_months_after']) }}
),

action_day as (
    select
        as_of_date,
        action,
        sum(case when is_taker then amount else -amount end) as difference_amount
    from {{ ref('action_pair_months') }}
    where month_offset = 0
    group by as_of_date, action
),

compared as (
    select
        pairs.*,
        coalesce(
            {{ month_offset('pairs.match_date', 'later.action_date') }}
            <= policy.hva_months_after,
            false
        ) as is_followed
    from {{ ref('action_pairs') }} as pairs
    inner join policy
        on
            pairs.as_of_date = policy.as_of_date
            and policy.scope_id = {{ chain_scope() }}
    left join {{ ref('high_value_actions_taken') }} as later
        on
            pairs.as_of_date = later.as_of_date
            and pairs.action = later.action
            and pairs.match_key = later.customer_key
)

select
    compared.as_of_date,
    compared.action,
    sum(compared.before_amount) / count(*) as before_taken_amount,
    sum(compared.match_before_amount) / count(*) as before_matched_amount,
    coalesce(max(action_day.difference_amount), 0) / count(*) as day_difference_amount,
    count(*) filter (where compared.width = 1) as pairs_same_clinic,
    count(*) filter (where compared.is_followed) as matches_who_followed
from compared
left join action_day
    on
        compared.as_of_date = action_day.as_of_date
        and compared.action = action_day.action
group by compared.as_of_date, compared.action
