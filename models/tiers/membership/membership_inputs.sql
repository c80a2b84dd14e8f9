-- For how many days a level has not been earned any more; a level above that ran out
-- counts from the end of its own grace period, so that downgrades take one rung at a
-- time. One row per customer, as-of date and rule set; null if never earned in reach.
{%- set levels = membership_levels() %}
{%- set floors = [] %}
{%- for level in levels %}
    {%- do floors.append('membership_' ~ level ~ '_min_amount') %}
{%- endfor %}
with policy as (
    {{ policy_row(floors + ['membership_grace_days']) }}
),

judged as (
    select
        measures.*,
        policy.ruleset,
        policy.membership_grace_days,
        {%- for floor in floors %}
        policy.{{ floor }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('customer_measures') }} as measures
    inner join policy on {{ policy_of('measures') }}
),

earned as (
    select
        judged.customer_key,
        judged.as_of_date,
        judged.ruleset,
        {%- for level in levels %}
        min(amounts.last_days_ago) filter (
            where amounts.net_amount >= judged.membership_{{ level }}_min_amount
        ) as {{ level }}_days{{ ',' if not loop.last }}
        {%- endfor %}
    from judged
    inner join {{ ref('membership_amounts') }} as amounts
        on {{ same_placement('judged', 'amounts') }}
    group by judged.customer_key, judged.as_of_date, judged.ruleset
)

select
    judged.customer_key,
    judged.as_of_date,
    judged.ruleset,
    judged.scope_id,
    {%- for suffix in var('measure_windows') + ['lifetime'] %}
    judged.net_amount_{{ suffix }},
    {%- endfor %}
    {%- for level in levels %}
    least(
        {%- for above in levels[:loop.index0] | reverse %}
        earned.{{ above }}_days - {{ loop.index }} * judged.membership_grace_days,
        {%- endfor %}
        earned.{{ level }}_days
    ) as {{ level }}_unearned_days{{ ',' if not loop.last }}
    {%- endfor %}
from judged
left join earned on {{ same_placement('judged', 'earned') }}
