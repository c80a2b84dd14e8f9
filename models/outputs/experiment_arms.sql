-- The arms of each experiment: a customer counts where they were first assigned, in the tier
-- (final) of the last month end before; outcomes are told once their days are over.
-- One row per experiment, tier ('*': all) and arm.
with policy as (
    {{ active_policy([
        'experiment_window_days', 'experiment_confidence_level', 'experiment_power',
        'experiment_max_ratio_p', 'experiment_tier_gap_min',
    ]) }}
),

assigned as (
    select
        assignments.experiment_id,
        bridge.customer_sk,
        bridge.customer_key,
        min(assignments.assigned_date) as assigned_date,
        {{ value_at_min('assignments.arm', [
            'assignments.assigned_date', 'assignments.source', 'assignments.arm',
        ]) }} as arm
    from {{ ref('experiment_assignments') }} as assignments
    inner join {{ ref('customer_bridge') }} as bridge
        on assignments.record_sk = bridge.record_sk
    where assignments.assigned_date <= {{ last_day_described() }}
    group by assignments.experiment_id, bridge.customer_sk, bridge.customer_key
),

followed as (
    select
        assigned.experiment_id,
        assigned.customer_sk,
        assigned.arm,
        coalesce(snapshots.final_tier, 'unknown') as tier,
        {{ days_after('assigned.assigned_date', 'policy.experiment_window_days') }}
        <= policy.as_of_date as is_over,
        count(purchases.order_sk) as purchases,
        coalesce(sum(purchases.net_amount), 0) as net_amount
    from assigned
    inner join policy
        on
            policy.as_of_date = {{ last_day_described() }}
            and policy.scope_id = {{ chain_scope() }}
    left join {{ ref('customer_snapshots') }} as snapshots
        on
            assigned.customer_key = snapshots.customer_key
            and snapshots.as_of_date
            = {{ days_after(month_start('assigned.assigned_date'), -1) }}
            and policy.ruleset = snapshots.ruleset
    left join {{ ref('month_purchases') }} as purchases
        on
            assigned.customer_sk = purchases.customer_sk
            and assigned.assigned_date <= purchases.order_date
            and purchases.order_date
            <= {{ days_after('assigned.assigned_date', 'policy.experiment_window_days') }}
    group by
        assigned.experiment_id, assigned.customer_sk, assigned.arm, snapshots.final_tier,
        assigned.assigned_date, policy.experiment_window_days, policy.as_of_date
),

tiers as (
    select '*' as tier
    union
    select tier from followed
)

select
    followed.experiment_id,
    tiers.tier,
    followed.arm,
    count(*) as assigned,
    count(*) filter (where followed.is_over) as customers,
    count(*) filter (where followed.is_over and followed.purchases > 0) as conversions,
    coalesce(sum(followed.net_amount) filter (where followed.is_over), 0) as net_amount,
    cast(coalesce(sum(followed.net_amount * followed.net_amount) filter (
        where followed.is_over
    ), 0) as double) as net_squares,
    cast(max(policy.experiment_confidence_level) as double) as confidence_level,
    cast(max(policy.experiment_power) as double) as power,
    cast(max(policy.experiment_max_ratio_p) as double) as max_ratio_p,
    cast(max(policy.experiment_tier_gap_min) as double) as min_tier_gap
from followed
inner join tiers on tiers.tier in ('*', followed.tier)
inner join policy
    on
        policy.as_of_date = {{ last_day_described() }}
        and policy.scope_id = {{ chain_scope() }}
group by followed.experiment_id, tiers.tier, followed.arm
