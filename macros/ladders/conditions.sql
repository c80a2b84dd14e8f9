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


{#
    What the ladders compare, as rows: customer_sk, customer_key, as_of_date, ruleset, scope_id, and for
    each condition model, its number in the ladder, window_days, value, value_code,
    rival_value (the other measure, where two are compared). One scan an input. Needs
    `policy`, which holds `all_ladder_windows()`. Written for a view: computed when asked.
#}
{% macro ladder_values() -%}
    {%- set inputs, selects = {}, [] -%}
    {%- for node in ladder_nodes() -%}
        {%- set ladder, numbers = node.config.meta.ladder, [] -%}
        {%- for rung in ladder.rungs -%}
            {%- for c in rung_conditions(rung, ladder.versus) -%}
                {%- do numbers.append(1) -%}
                {%- do inputs.setdefault(
                    'medical_tiers' if ladder.measures == 'medical_measures' else 'customer_tiers', []
                ).append(
                    _compared(ladder.model, numbers | length, c.parts)
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for input, rows in inputs.items() -%}
        {%- do selects.append(_looked_at(input, rows)) -%}
    {%- endfor -%}
    {{ selects | join('\n    union all\n    ') or value_rows([], 11) }}
{%- endmacro %}


{% macro _looked_at(input, rows) -%}
    select
        measures.customer_sk,
        measures.customer_key,
        measures.as_of_date,
        policy.ruleset,
        measures.scope_id,
        {{ one_row_each(rows) }}
    from {{ ref(input) }} as measures

    inner join policy
        on {{ policy_of('measures', per_ruleset=true) | indent(8) }}
{%- endmacro %}


{% macro _compared(model, number, p) -%}
    {%- set side = measure_sql(p) -%}
    {%- set cast_number = {'null': 'try_cast', 'code': none}.get(p.kind, 'cast') -%}
    {{ return({
        'model': "'" ~ model ~ "'",
        'condition_number': number,
        'window_days': 'cast(' ~ ('policy.' ~ p.window if p.window else 'null') ~ ' as decimal(18, 4))',
        'value': (cast_number or 'cast') ~ '(' ~ (side if cast_number else 'null') ~ ' as decimal(18, 4))',
        'value_code': 'cast(' ~ (side if p.kind in ('code', 'null') else 'null') ~ ' as varchar)',
        'rival_value': 'cast(' ~ ('measures.' ~ p.target if p.kind == 'column' else 'null') ~ ' as decimal(18, 4))',
    }) }}
{%- endmacro %}


{# The thresholds that any ladder uses as a window. #}
{% macro all_ladder_windows() %}
    {% set names = [] %}
    {% for node in ladder_nodes() %}
        {% set ladder = node.config.meta.ladder %}
        {% for name in ladder_windows(ladder.rungs, ladder.versus) if name not in names %}
            {% do names.append(name) %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# The left side as the ladder writes it: `purchases[rfm_frequency_window]`. #}
{% macro left_side(p) %}
    {{ return(p.measure ~ ('[' ~ p.window ~ ']' if p.window else '')) }}
{% endmacro %}


{# Whether a row of `tier_comparisons` holds, as `condition_sql` decides it. #}
{% macro is_condition_met(value='value') -%}
    coalesce(case
        when asks_for = 'null' then (value_code is null) = (comparison = '=')
        {%- for comparison in ['<=', '>=', '<', '>', '=', '!='] %}
        when comparison = '{{ comparison }}' and asks_for = 'number'
            then {{ value }} {{ comparison }} target_value
        when comparison = '{{ comparison }}' then value_code {{ comparison }} target_code
        {%- endfor %}
    end, false)
{%- endmacro %}


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
