-- Who has the next rung within reach: all that it asks is met, but for at most a share of
-- what the customer is to do (macros/outputs/reach.sql).
-- One row per customer, as-of date, rule set and model.
{%- set share = 'tier_reach_max_gap_share' %}
{{ config(meta={'thresholds': [share]}) }}
with policy as (
    {{ policy_columns(reach_thresholds() + [share]) }}
),

rungs as (
    select
        model,
        tier,
        next_tier
    from {{ ref('tier_rungs') }}
    where next_tier is not null
),

near as (
    {% for model in reach_models() %}
        select
            {{ columns_of('measures', ['customer_sk', 'as_of_date', 'ruleset']) }},
            '{{ model }}' as model,
            rungs.next_tier,
            {{ next_in_reach(model, 'rungs.next_tier', 'policy.' ~ share) | indent(12) }}
                as is_near
        from {{ ref('customer_tiers') }} as measures
        inner join policy on {{ policy_of('measures', true) }}
        inner join rungs
            on rungs.model = '{{ model }}' and measures.{{ model }}_tier = rungs.tier
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    customer_sk,
    as_of_date,
    ruleset,
    model,
    next_tier
from near
where is_near
