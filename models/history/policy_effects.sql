-- Who stands elsewhere on a day only because thresholds changed since the day before it
-- in history: the tier that the earlier thresholds would have given her.
-- One row per customer, day, rule set and model.
-- depends_on: {{ ref('as_of_dates') }} {{ ref('tier_membership') }}
-- depends_on: {{ ref('snapshot_pairs') }} {{ ref('touched_pairs') }}
{{ config(materialized='kept', meta={
    'kept_by': 'rows_of_later_days', 'recompute': 'customer', 'reads_ladders': true,
}) }}
with pairs as (
    select * from {{ ref('touched_pairs') }}
    where to_date in (select dates.as_of_date from {{ ref('as_of_dates') }} as dates)
),

policy_then as (
    select
        pairs.to_date,
        thresholds.scope_id,
        thresholds.threshold,
        thresholds.value,
        (thresholds.value is distinct from in_force.value) as is_changed
    from pairs
    inner join {{ ref('threshold_periods') }} as thresholds
        on
            pairs.from_date >= thresholds.period_from
            and pairs.from_date < coalesce(thresholds.period_to, date '9999-12-31')
    left join {{ ref('thresholds_in_force') }} as in_force
        on
            pairs.to_date = in_force.as_of_date
            and pairs.ruleset = in_force.ruleset
            and thresholds.scope_id = in_force.scope_id
            and thresholds.threshold = in_force.threshold
),

{{ judged_by_earlier_policy() }}

select
    judged.customer_key,
    pairs.from_date,
    pairs.to_date,
    membership.ruleset,
    judged.model,
    judged.tier as tier_under_earlier_policy,
    membership.tier
from judged
inner join pairs on judged.as_of_date = pairs.to_date
inner join {{ ref('tier_membership') }} as membership
    on
        {{ same_customer('judged', 'membership') }}
        and pairs.ruleset = membership.ruleset
        and judged.model = membership.model
where judged.tier != membership.tier
