{#
    The totality proof of a ladder. Over the grid of boundary values (for each measure: every
    threshold it is compared with, one below, one above, and null) each point must fall on a
    rung, whoever falls on the last rung must be meant by it, and every rung must be reached.
    Counts in a longer window are never below counts in a shorter one.

    Returns the points that nobody meant, and the rungs that no point reaches.
#}
{% test ladder_is_total(model) %}
{{ config(tags=['proof']) }}
{%- if execute -%}
{%- set ladder = node_of(model.identifier).config.meta.ladder -%}
{%- set rungs, versus = ladder.rungs, ladder.versus -%}
{%- set slots = ladder_slots(rungs, versus) -%}
with policy as (
    {{ policy_columns(ladder_thresholds(rungs, versus)) }}
),

{% for slot in slots -%}
{{ slot.name }} as (
    {{ slot_values(slot) }}
),

{% endfor -%}
points as (
    select
        policy.*,
        {%- for slot in slots %}
        {{ slot.name }}.point as {{ slot.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from policy
    {%- for slot in slots %}
    inner join {{ slot.name }}
        on policy.as_of_date = {{ slot.name }}.as_of_date
        and policy.ruleset = {{ slot.name }}.ruleset
        and policy.scope_id = {{ slot.name }}.scope_id
    {%- endfor %}
    where true
        {%- for wide in slots %}{% for narrow in slots %}
        {%- if wide != narrow and wide.family == narrow.family and 'amount' not in wide.family %}
        and not coalesce(
            {{ wide.window_sql }} >= {{ narrow.window_sql }}
            and {{ wide.name }}.point < {{ narrow.name }}.point, false
        )
        {%- endif %}{% endfor %}{% endfor %}
),

measures as (
    select
        points.as_of_date,
        points.ruleset,
        points.scope_id,
        {%- for column in slot_columns(slots) %}
        {{ column.sql }} as {{ column.name }},
        {%- endfor %}
        {%- for slot in slots %}
        '{{ ', ' if not loop.first }}{{ slot.label }} = ' || coalesce(cast({{ slot.name }} as varchar), 'null')
        {{ '||' if not loop.last }}
        {%- endfor %} as point
    from points
),

placed as (
    select
        measures.point,
        measures.ruleset,
        measures.scope_id,
        {{ ladder_case(rungs, versus) | indent(8) }} as tier,
        {{ all_of(rungs[-1].when or [], versus) }} as is_last_meant
    from measures
    inner join policy
        on {{ policy_of('measures', per_ruleset=true) | indent(8) }}
),

rungs as (
    {% for rung in rungs -%}
    select distinct ruleset, '{{ rung.tier }}' as tier from policy
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    'gap: nobody meant this point to be {{ rungs[-1].tier }}' as problem,
    point,
    ruleset,
    scope_id
from placed
where tier = '{{ rungs[-1].tier }}'
    and not is_last_meant
union all
select
    'unreachable: no point falls on ' || rungs.tier as problem,
    null as point,
    rungs.ruleset,
    null as scope_id
from rungs
left join placed on rungs.tier = placed.tier and rungs.ruleset = placed.ruleset
where placed.tier is null
{%- endif -%}
-- depends_on: {{ ref('thresholds_in_force') }} {{ ref('tiers') }}
{% endtest %}
