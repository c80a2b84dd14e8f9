-- Who stands elsewhere on a day only because thresholds changed since the day before it
-- in history: the tier that the earlier thresholds would have given them. A ladder whose
-- thresholds stayed is not tried. One row per customer, day, rule set and model.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    pre_hook="{{ forget_pairs(stay=days_stay(), is_of_pair=false) }}",
) }}
-- depends_on: {{ ref('as_of_dates') }} {{ ref('customer_tiers') }}
{%- set ladders = [] %}
{%- for node in ladder_nodes() if node.config.meta.ladder.model in var('tier_models') %}
    {%- set ladder = node.config.meta.ladder %}
    {%- set names = ladder_thresholds(ladder.rungs, ladder.versus) %}
    {%- do ladders.append((ladder, names)) if names %}
{%- endfor %}
with pairs as (
    select * from {{ ref('snapshot_pairs') }}
    where
        ruleset = '{{ var("ruleset") }}'
        and to_date in (select dates.as_of_date from {{ ref('as_of_dates') }} as dates)
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
            pairs.ruleset = thresholds.ruleset
            and pairs.from_date >= thresholds.period_from
            and pairs.from_date < coalesce(thresholds.period_to, date '9999-12-31')
    left join {{ ref('thresholds_in_force') }} as in_force
        on
            pairs.to_date = in_force.as_of_date
            and pairs.ruleset = in_force.ruleset
            and thresholds.scope_id = in_force.scope_id
            and thresholds.threshold = in_force.threshold
),
{% for ladder, names in ladders %}
    policy_of_{{ ladder.model }} as (
        select
            to_date,
            scope_id
            {%- for name in names %},
            max(case when threshold = '{{ name }}' then value end) as {{ name }}
            {%- endfor %}
        from policy_then
        where threshold in ('{{ names | join("', '") }}')
        group by to_date, scope_id
        having bool_or(is_changed)
    ),
{% endfor %}
judged (customer_key, to_date, model, tier_under_earlier_policy, tier) as (
    {%- for ladder, names in ladders %}
    select
        measures.customer_key,
        measures.as_of_date,
        '{{ ladder.model }}',
        {{ ladder_case(ladder.rungs, ladder.versus) | indent(8) }},
        measures.{{ ladder.model }}_tier
    from {{ ref('customer_tiers') }} as measures
    inner join policy_of_{{ ladder.model }} as policy
        on
            measures.as_of_date = policy.to_date
            and measures.scope_id = policy.scope_id
            and measures.ruleset = '{{ var("ruleset") }}'
    {{ 'union all' if not loop.last }}
    {%- else %}
    {{ value_rows([], 5) }}
    {%- endfor %}
)

select
    judged.customer_key,
    pairs.from_date,
    judged.to_date,
    pairs.ruleset,
    judged.model,
    judged.tier_under_earlier_policy,
    judged.tier
from judged
inner join pairs on judged.to_date = pairs.to_date
where judged.tier_under_earlier_policy != judged.tier
