{#
    CTEs that end in `lineage`: each rule set in play with the rule sets whose rows it takes,
    nearest first. A rule set takes from its base what it does not list itself.
#}
{% macro ruleset_lineage() -%}
{%- set rulesets = rulesets_in_play() -%}
named (ruleset, base_ruleset) as (
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
),

{% endfor %}
lineage as (
    {% for distance in range(4) %}
    select * from lineage_{{ distance }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{%- endmacro %}
