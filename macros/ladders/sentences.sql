{# What joins the parts of a sentence. #}
{% macro joints() %}
    {{ return({
        'en': {'facts': '; ', 'and': ', and ', 'or': ' or ', 'open': '(', 'close': ')'},
        'zh': {'facts': '；', 'and': '，且', 'or': ' 或 ', 'open': '（', 'close': '）'},
    }) }}
{% endmacro %}


{#
    A group of conditions in words: the facts that hold, all facts, the ways to fulfil it
    (one is enough), the exits (all that hold must cease). Over tier_steps.
#}
{% macro group_sentences() -%}
    {%- set columns = [] -%}
    {%- for language, joint in joints().items() -%}
        {%- set fact, step, order = 'fact_' ~ language, 'step_' ~ language, 'condition_number' -%}
        {%- do columns.append(
            joined_text(fact, joint.facts, order)
            ~ " filter (where is_met and not (course = 'grace' and value <= 0)) as facts_" ~ language
        ) -%}
        {%- do columns.append(joined_text(fact, joint.facts, order) ~ ' as all_facts_' ~ language) -%}
        {%- do columns.append(
            joined_text(step, joint['or'], order)
            ~ " filter (where is_offered and role = 'next') as ways_" ~ language
        ) -%}
        {%- do columns.append(
            joined_text(step, joint['and'], order)
            ~ " filter (where is_met and role = 'holds') as exits_" ~ language
        ) -%}
    {%- endfor -%}
    {{ columns | join(',\n        ') }}
{%- endmacro %}


{#
    The groups joined: why she is there, what the next rung finds short, the steps to it
    (all of them), the exits from her own (one is enough). Over the groups.
#}
{% macro whole_sentences() -%}
    {%- set columns = [] -%}
    {%- for language, joint in joints().items() -%}
        {%- set order, ways = 'condition_group', 'ways_' ~ language -%}
        {%- set way = "case when alternatives > 1 then '" ~ joint.open ~ "' || " ~ ways ~ " || '"
            ~ joint.close ~ "' else " ~ ways ~ ' end' -%}
        {%- do columns.append(
            joined_text('facts_' ~ language, joint.facts, order)
            ~ " filter (where role = 'holds') as why_" ~ language
        ) -%}
        {%- do columns.append(
            joined_text('all_facts_' ~ language, joint.facts, order)
            ~ " filter (where role = 'next' and not is_met) as short_" ~ language
        ) -%}
        {%- do columns.append(
            joined_text(way, joint['and'], order)
            ~ " filter (where role = 'next' and not is_left_out) as steps_" ~ language
        ) -%}
        {%- do columns.append(
            joined_text('exits_' ~ language, joint['or'], order)
            ~ " filter (where role = 'holds' and can_be_left) as exits_" ~ language
        ) -%}
    {%- endfor -%}
    {{ columns | join(',\n    ') }}
{%- endmacro %}


{# The labels and halves of sentences of a reason, by language. #}
{% macro reason_parts() -%}
    {%- set columns = [] -%}
    {%- for language in joints() -%}
        {%- for alias, name in [('labels', 'tier'), ('next_labels', 'next'), ('then_labels', 'then')] -%}
            {%- do columns.append(alias ~ '.label_' ~ language ~ ' as ' ~ name ~ '_' ~ language) -%}
        {%- endfor -%}
        {%- for half in ['why', 'short', 'steps', 'exits'] -%}
            {%- do columns.append('sentences.' ~ half ~ '_' ~ language) -%}
        {%- endfor -%}
        {%- do columns.append('acts.keep_' ~ language) -%}
    {%- endfor -%}
    {{ columns | join(',\n        ') }}
{%- endmacro %}


{# The words for a condition, by language: of its measure, of its codes. #}
{% macro condition_labels() -%}
    {%- set columns = [] -%}
    {%- for language in joints() -%}
        {%- for kind in ['fact', 'none', 'gain', 'reset'] -%}
            {%- do columns.append('words.' ~ kind ~ '_' ~ language) -%}
        {%- endfor -%}
        {%- for name, first, second in [
            ('label', 'measures.label', 'conditions.measure'),
            ('value_label', 'held.label', 'conditions.value_code'),
            ('target_label', 'wanted.label', 'conditions.target_code'),
            ('tier_model', 'wanted.model', 'held.model_' ~ language),
        ] -%}
            {%- do columns.append(
                'coalesce(' ~ first ~ '_' ~ language ~ ', ' ~ second ~ ') as ' ~ name ~ '_' ~ language
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ columns | join(',\n    ') }}
{%- endmacro %}


{# The columns of a condition in words that sentences are made of. #}
{% macro step_columns() -%}
    role, condition_number, condition_group, fact_en, fact_zh, step_en, step_zh, course, value,
    act, is_met, is_late, is_actionable, is_offered, alternatives, is_group_met, is_kept_by_act
{%- endmacro %}
