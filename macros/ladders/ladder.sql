{#
    A tier model from its ladder: rungs tried from the top, the first match wins, the last
    one takes everybody left. One row per customer, as-of date and rule set.

    Args:
        model: the name under which tiers.csv, the marts and `strata explain` know it.
        measures: what it compares: tier_inputs; customer_tiers for the tiers of other models;
            medical_measures for the medical team's.
        rungs: [{tier, when, next}], top down.
            when: conditions that must all hold; a list inside it: one of them must.
                On the last rung they are a claim: it takes everybody left, and the test
                `ladder_is_total` proves that those left are the ones meant.
            next: the rung to aim for, where it is not the one ranked above; 'out' where what
                matters is that this rung's own conditions cease (dormant, churned).
            further: better rungs, best first, that may ask no more of some customers than
                `next` does; `next` is named then. Such a customer's reason aims at them.
        versus: columns of `measures` that may stand on the right of a comparison.
        feed: what has to be delivered (is_fed), or the model says nothing: its tier is null.

    A condition reads `measure comparison threshold`:
        consumption_days[lifecycle_loyal_within_days] >= lifecycle_loyal_min_days
    Brackets name the threshold that holds the window in days (0: the whole lifetime).
    The right side is a threshold, a column named in `versus`, a 'code', or null.
#}
{% macro ladder(model, measures, rungs, versus=[], feed=none) -%}
    {%- set ladder = {
        'model': model, 'measures': measures, 'rungs': rungs, 'versus': versus, 'feed': feed
    } -%}
    {%- if measures not in ladder_inputs() -%}
        {{ exceptions.raise_compiler_error(
            "The ladder " ~ model ~ " reads " ~ measures ~ ". A ladder reads tier_inputs; customer_tiers"
            ~ " for the tiers of other models; medical_measures for the medical team. Put what it"
            ~ " compares into one of these."
        ) }}
    {%- endif -%}
    {{- config(materialized='view', meta={'ladder': ladder, 'windows': ladder_windows(rungs, versus)}) -}}
with policy as (
    {{ policy_row(ladder_thresholds(rungs, versus)) }}
),

placed as (
    select
        measures.customer_sk,
        measures.as_of_date,
        policy.ruleset,
        {{ tier_of(ladder) | indent(8) }} as tier
    from {{ ref(measures) }} as measures
    inner join policy
        on {{ policy_of('measures', is_per_ruleset(measures)) | indent(8) }}
)

select
    placed.customer_sk,
    placed.as_of_date,
    placed.ruleset,
    placed.tier,
    tiers.tier_rank
from placed
left join {{ ref('tiers') }} as tiers
    on placed.tier = tiers.tier
    and tiers.model = '{{ model }}'
{%- endmacro %}


{# What ladders may read: each is evaluated for everybody in one pass (customer_tiers, medical_tiers). #}
{% macro ladder_inputs() %}
    {{ return(['tier_inputs', 'customer_tiers', 'medical_measures']) }}
{% endmacro %}


{# Whether an input of ladders holds a row per rule set, as what is made with thresholds does. #}
{% macro is_per_ruleset(measures) %}
    {{ return(measures != 'medical_measures') }}
{% endmacro %}


{# The tier that a ladder gives, over `measures` and `policy`; null where its feed is missing. #}
{% macro tier_of(ladder) -%}
    {%- if ladder.feed -%}
    case when {{ is_fed(ladder.feed) }} then {{ ladder_case(ladder.rungs, ladder.versus) }} end
    {%- else -%}
    {{ ladder_case(ladder.rungs, ladder.versus) }}
    {%- endif -%}
{%- endmacro %}


{#
    The tiers by all ladders that read an input, as columns `<model>_tier` behind others of a
    select over `measures` and `policy`. The ladders stand in their own models; dbt knows them
    all when it executes.

    Args:
        models: names of tier models.
        input: what those of them read that are meant.
#}
{% macro tier_columns(models, input) -%}
    {%- if not execute -%}{%- do is_fed('none') -%}{%- do is_fed('categories') -%}{%- endif -%}
    {%- for node in ladder_nodes(models) if node.config.meta.ladder.measures == input -%}
        ,
        {{ tier_of(node.config.meta.ladder) | indent(8) }} as {{ node.config.meta.ladder.model }}_tier
    {%- endfor -%}
{%- endmacro %}


{# The thresholds that the ladders over an input read; they are recorded where they stand. #}
{% macro thresholds_of_ladders(models, input) %}
    {% set names = {} %}
    {% for node in ladder_nodes(models) if node.config.meta.ladder.measures == input %}
        {% set ladder = node.config.meta.ladder %}
        {% for name in ladder_thresholds(ladder.rungs, ladder.versus) %}
            {% do names.update({name: true}) %}
        {% endfor %}
    {% endfor %}
    {{ return(names | list) }}
{% endmacro %}


{#
    Stops the build where a ladder compares what its input does not hold, with the place where
    it is added.
#}
{% macro require_measures(models, input) -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set held = column_names(ref(input)) -%}
        {%- for node in ladder_nodes(models) if node.config.meta.ladder.measures == input -%}
            {%- set ladder = node.config.meta.ladder -%}
            {%- for column in slot_columns(ladder_slots(ladder.rungs, ladder.versus)) if column.name not in held -%}
                {{ exceptions.raise_compiler_error(
                    "The ladder " ~ ladder.model ~ " compares " ~ column.name ~ ", which " ~ input ~ " does not"
                    ~ " hold. Add it to " ~ ('customer_measures' if input == 'tier_inputs' else input)
                    ~ ", or name a measure that is there."
                ) }}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# The ladder as one expression over `measures` and `policy`. #}
{% macro ladder_case(rungs, versus=[]) -%}
case
{%- for rung in rungs[:-1] %}
    when {{ all_of(rung.when, versus) }}
        then '{{ rung.tier }}'
{%- endfor %}
    else '{{ rungs[-1].tier }}'
end
{%- endmacro %}


{# All conditions hold; one that meets a null does not. #}
{% macro all_of(conditions, versus=[]) -%}
    {%- set parts = [] -%}
    {%- for condition in conditions -%}
        {%- if condition is string -%}
            {%- do parts.append(condition_sql(condition, versus)) -%}
        {%- else -%}
            {%- set options = [] -%}
            {%- for option in condition -%}
                {%- do options.append(condition_sql(option, versus)) -%}
            {%- endfor -%}
            {%- do parts.append('(' ~ options | join(' or ') ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ parts | join('\n        and ') or 'true' }}
{%- endmacro %}


{# One condition as SQL that is true or false, never null. #}
{% macro condition_sql(condition, versus=[]) -%}
    {%- set c = parse_condition(condition, versus) -%}
    {%- if c.target == 'null' -%}
        {{ measure_sql(c) }} is {{ 'not ' if c.comparison == '!=' }}null
    {%- else -%}
        coalesce({{ measure_sql(c) }} {{ c.comparison }} {{ target_sql(c) }}, false)
    {%- endif -%}
{%- endmacro %}


{# The left side: a column of `measures`, or the column of the window in force. #}
{% macro measure_sql(c, measures='measures', policy='policy') -%}
    {%- if not c.window -%}
        {{ measures }}.{{ c.measure }}
    {%- else -%}
        {%- do require_windows(c.measure) -%}
        case {{ policy }}.{{ c.window }}
            {%- for days in var('measure_windows') %} when {{ days }} then {{ measures }}.{{ c.measure }}_{{ days }}
            {%- endfor %} when 0 then {{ measures }}.{{ c.measure }}_lifetime end
    {%- endif -%}
{%- endmacro %}


{# The right side: a threshold in force, a column of `measures`, or a code. #}
{% macro target_sql(c) -%}
    {%- if c.kind == 'threshold' -%}policy.{{ c.target }}
    {%- elif c.kind == 'column' -%}measures.{{ c.target }}
    {%- else -%}{{ c.target }}{%- endif -%}
{%- endmacro %}


{# A condition in its parts: measure, window, comparison, target, kind of target. #}
{% macro parse_condition(condition, versus=[]) %}
    {% set match = modules.re.match(
        "^([a-z_0-9]+)(?:\\[([a-z_0-9]+)\\])? (<=|>=|<|>|=|!=) ('[a-z_0-9]+'|[a-z_0-9]+)$", condition
    ) %}
    {% if not match %}
        {{ exceptions.raise_compiler_error(
            "The condition \"" ~ condition ~ "\" cannot be read. Write: measure comparison "
            ~ "threshold, for instance days_since_purchase <= rfm_active_within_days."
        ) }}
    {% endif %}
    {% set target = match.group(4) %}
    {% if target == 'null' %}{% set kind = 'null' %}
    {% elif target.startswith("'") %}{% set kind = 'code' %}
    {% elif target in versus %}{% set kind = 'column' %}
    {% elif modules.re.match('^[0-9]+$', target) %}
        {{ exceptions.raise_compiler_error(
            "The condition \"" ~ condition ~ "\" holds a number. Put it into "
            ~ "seeds/policy/thresholds.csv and name it here."
        ) }}
    {% else %}{% set kind = 'threshold' %}{% endif %}
    {{ return({
        'measure': match.group(1), 'window': match.group(2), 'comparison': match.group(3),
        'target': target, 'kind': kind,
    }) }}
{% endmacro %}


{# The conditions of a rung as a flat list of {group, condition, parts}. #}
{% macro rung_conditions(rung, versus=[]) %}
    {% set flat = [] %}
    {% for condition in rung.when or [] %}
        {% set group = loop.index %}
        {% for text in ([condition] if condition is string else condition) %}
            {% do flat.append({
                'group': group, 'condition': text, 'parts': parse_condition(text, versus)
            }) %}
        {% endfor %}
    {% endfor %}
    {{ return(flat) }}
{% endmacro %}


{# The names of all thresholds that a ladder reads, each once, in order of first use. #}
{% macro ladder_thresholds(rungs, versus=[]) %}
    {% set names = [] %}
    {% for rung in rungs %}
        {% for c in rung_conditions(rung, versus) %}
            {% for name in [c.parts.window, c.parts.target if c.parts.kind == 'threshold'] %}
                {% if name and name not in names %}{% do names.append(name) %}{% endif %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# The thresholds that a ladder uses as windows. #}
{% macro ladder_windows(rungs, versus=[]) %}
    {% set names = [] %}
    {% for rung in rungs %}
        {% for c in rung_conditions(rung, versus) if c.parts.window and c.parts.window not in names %}
            {% do names.append(c.parts.window) %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
