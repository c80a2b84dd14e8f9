-- The stages a customer goes through, exact to the day, by all facts: also those to
-- come if nothing happens. A stage follows from facts of its day and before, so that a
-- run for an earlier day cuts off what is later. One row per customer and stay.
{{ config(meta={'in_parts': true}) }}
{%- set ladder = lifecycle_ladder() %}
with policy as (
    {{ policy_by_period(ladder.thresholds) }}
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
    customer_key,
    ruleset,
    stage,
    event_date as valid_from,
    next_from
from stays
