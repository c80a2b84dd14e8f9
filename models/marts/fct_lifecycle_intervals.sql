-- The stages a customer went through, exact to the day, as known on the run's last day,
-- without gap or overlap, the last one open. One row per customer and stay in a stage.
-- depends_on: {{ ref('tier_lifecycle') }}
{%- set ladder = lifecycle_ladder() %}
with policy as (
    {{ policy_by_period(ladder.thresholds) }}
),

horizon as (
    select max(as_of_date) as as_of_date from {{ ref('as_of_dates') }}
),

placed (customer_key, event_date, ruleset, stage) as (
    select
        measures.customer_key,
        measures.event_date,
        policy.ruleset,
        {{ ladder_case(ladder.rungs, ladder.versus) | indent(8) }}
    from {{ ref('lifecycle_measures') }} as measures
    inner join policy
        on
            measures.scope_id = policy.scope_id
            and measures.event_date >= policy.period_from
            and measures.event_date < coalesce(policy.period_to, date '9999-12-31')
),

compared as (
    select
        *,
        lag(stage) over (
            partition by customer_key order by event_date asc
        ) as stage_before
    from placed
),

stays as (
    select
        *,
        lead(event_date) over (
            partition by customer_key order by event_date asc
        ) as next_from
    from compared
    where stage_before is distinct from stage
)

select
    stays.customer_key,
    horizon.as_of_date,
    stays.ruleset,
    stays.stage,
    labels.tier_rank as stage_rank,
    labels.label_en as stage_label_en,
    labels.label_zh as stage_label_zh,
    stays.event_date as valid_from,
    {{ days_after('stays.next_from', '-1') }} as valid_to,
    stays.next_from is null as is_current
from stays
cross join horizon
left join {{ ref('tiers') }} as labels
    on stays.stage = labels.tier and labels.model = 'lifecycle'
