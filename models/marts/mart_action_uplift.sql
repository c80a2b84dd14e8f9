-- What those who took a high-value action spent more in the months after than customers
-- like them who had not, with its interval. Observed, not proven.
-- One row per as-of date and action that is looked at.
with policy as (
    {{ policy_row(['hva_min_pairs']) }}
),

taken as (
    select
        as_of_date,
        action,
        count(*) as customers_taken
    from {{ ref('high_value_actions_taken') }}
    group by as_of_date, action
)

select
    policy.as_of_date,
    policy.ruleset,
    actions.action,
    actions.label_en,
    actions.label_zh,
    {% for relation, column in [
        ('taken', 'customers_taken'), ('uplifts', 'pairs'),
        ('uplifts', 'matched_customers'), ('balances', 'pairs_same_clinic'),
        ('balances', 'matches_who_followed'),
    ] %}
        cast(coalesce({{ relation }}.{{ column }}, 0) as integer) as {{ column }},
    {% endfor %}
    {% for relation, column in [
        ('balances', 'before_taken_amount'), ('balances', 'before_matched_amount'),
        ('balances', 'day_difference_amount'), ('uplifts', 'after_taken_amount'),
        ('uplifts', 'after_matched_amount'), ('uplifts', 'uplift_amount'),
        ('uplifts', 'uplift_low_amount'), ('uplifts', 'uplift_high_amount'),
    ] %}
        cast({{ relation }}.{{ column }} as decimal(18, 2)) as {{ column }},
    {% endfor %}
    coalesce(uplifts.matched_customers, 0) < policy.hva_min_pairs
        as is_sample_too_small,
    case when coalesce(uplifts.matched_customers, 0) < policy.hva_min_pairs
        then 'Too few pairs: do not act on this figure.'
    end as warning_en,
    case when coalesce(uplifts.matched_customers, 0) < policy.hva_min_pairs
        then '配对太少：请勿据此决策。'
    end as warning_zh
from policy
inner join {{ ref('high_value_actions') }} as actions on actions.is_on
left join taken
    on
        policy.as_of_date = taken.as_of_date
        and actions.action = taken.action
left join {{ ref('action_uplifts') }} as uplifts
    on
        policy.as_of_date = uplifts.as_of_date
        and actions.action = uplifts.action
left join {{ ref('action_balances') }} as balances
    on
        policy.as_of_date = balances.as_of_date
        and actions.action = balances.action
where policy.scope_id = {{ chain_scope() }}
