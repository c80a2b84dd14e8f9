-- The rule sets in play (the active one and its candidates), each with those it builds
-- on; distance 0 is the rule set itself. One row per rule set in play and ancestor.
{%- set rulesets = rulesets_in_play() %}
with named (ruleset, base_ruleset) as (
    select
        ruleset,
        base_ruleset
    from {{ ref('rulesets') }}
    {% if what_if() in rulesets %}
        union all
        select
            '{{ what_if() }}',
            '{{ var("ruleset") }}'
    {% endif %}
),

lineage_0 (ruleset, ancestor, distance) as (
    select
        ruleset,
        ruleset as ancestor,
        0 as distance
    from named
    where ruleset in ('{{ rulesets | join("', '") }}')
),

{% for distance in range(1, 4) %}
    lineage_{{ distance }} (ruleset, ancestor, distance) as (
        select
            lineage.ruleset,
            named.base_ruleset,
            {{ distance }}
        from lineage_{{ distance - 1 }} as lineage
        inner join named on lineage.ancestor = named.ruleset
        where named.base_ruleset is not null
    ){{ ',' if not loop.last }}
{% endfor %}

{% for distance in range(4) %}
    select
        ruleset,
        ancestor,
        distance
    from lineage_{{ distance }}
    {{ 'union all' if not loop.last }}
{% endfor %}
