{#
    The conditions of every ladder as rows: model, rung, condition_number (in the ladder),
    condition_group, measure, comparison, asks_for (number | code | null), left_side (the measure with its window, as
    the ladder writes it), threshold, target_code, right_side (another measure); '' for none.
#}
{% macro ladder_rules() -%}
    {%- set rows = [] -%}
    {%- for node in ladder_nodes() -%}
        {%- set ladder, numbers = node.config.meta.ladder, [] -%}
        {%- for rung in ladder.rungs -%}
            {%- for c in rung_conditions(rung, ladder.versus) -%}
                {%- set p = c.parts -%}
                {%- do numbers.append(1) -%}
                {%- set words = [
                    p.comparison,
                    'number' if p.kind in ('threshold', 'column') else p.kind,
                    left_side(p),
                    p.target if p.kind == 'threshold' else '',
                    p.target[1:-1] if p.kind == 'code' else '',
                    p.target if p.kind == 'column' else '',
                ] -%}
                {%- do rows.append(
                    "('" ~ ladder.model ~ "', '" ~ rung.tier ~ "', " ~ numbers | length ~ ", " ~ c.group ~ ", '"
                    ~ p.measure ~ "', '" ~ words | join("', '") ~ "')"
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ value_rows(rows, 11) }}
{%- endmacro %}


{# Every rung as a row: model, tier. #}
{% macro ladder_tiers() -%}
    {%- set rows = [] -%}
    {%- for node in ladder_nodes() -%}
        {%- for rung in node.config.meta.ladder.rungs -%}
            {%- do rows.append("('" ~ node.config.meta.ladder.model ~ "', '" ~ rung.tier ~ "')") -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ value_rows(rows, 2) }}
{%- endmacro %}


{# The left side as the ladder writes it: `purchases[rfm_frequency_window]`. #}
{% macro left_side(p) %}
    {{ return(p.measure ~ ('[' ~ p.window ~ ']' if p.window else '')) }}
{% endmacro %}


{# All tier models in reading order: those for everybody, then the medical team's. #}
{% macro all_tier_models() %}
    {{ return(var('tier_models') + var('medical_tier_models')) }}
{% endmacro %}


{# The nodes of tier models (all of them), in reading order; empty while dbt is still parsing. #}
{% macro ladder_nodes(models=none) %}
    {% set nodes = [] %}
    {% if execute %}
        {% for name in (models or all_tier_models()) %}
            {% do nodes.append(node_of('tier_' ~ name)) %}
        {% endfor %}
    {% endif %}
    {{ return(nodes) }}
{% endmacro %}


{#
    Every rung in the ladder's order, as rows: model, tier, rung_number, is_last, is_left,
    named_tier (the rung to aim for, where the ladder names it).
#}
{% macro ladder_rungs() -%}
    {%- set rows = [] -%}
    {%- for node in ladder_nodes() -%}
        {%- for rung in node.config.meta.ladder.rungs -%}
            {%- set named = "'" ~ rung.next ~ "'" if rung.next and rung.next != 'out' else 'null' -%}
            {%- do rows.append(
                "('" ~ node.config.meta.ladder.model ~ "', '" ~ rung.tier ~ "', " ~ loop.index
                ~ ', ' ~ loop.last ~ ', ' ~ (rung.next == 'out') ~ ', ' ~ named ~ ')'
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ value_rows(rows, 6) }}
{%- endmacro %}
