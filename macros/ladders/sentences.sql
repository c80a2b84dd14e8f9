{# What joins the parts of a sentence. #}
{% macro joints() %}
    {{ return({
        'en': {'facts': '; ', 'and': ', and ', 'or': ' or ', 'open': '(', 'close': ')'},
        'zh': {'facts': '；', 'and': '，且', 'or': ' 或 ', 'open': '（', 'close': '）'},
    }) }}
{% endmacro %}


{#
    Why, what is missing, what keeps a tier, in words: a row per customer and model. Over
    `judged` of judged_rungs().
#}
{% macro told_reasons() -%}
said as (
    select
        {{ judged_columns() | join(', ') }},
        {%- for list in ['holds', 'nexts'] %}
        {{ each_of(list, 'x', record_of(_said('x'))) }} as {{ list }}{{ ',' if not loop.last }}
        {%- endfor %}
    from judged
),

-- Groups of the next rung that nothing fulfils yet.
unmet as (
    select
        *,
        {{ those_of('nexts', 'x', 'not ' ~ _exists('nexts', 'y', 'y.g = x.g and y.is_met')) }} as open_ones
    from said
),

-- A way that nothing the customer does brings about is left out where there is another.
offered as (
    select
        *,
        {{ those_of('open_ones', 'x', 'x.is_actionable or not ' ~ _exists('open_ones', 'y', 'y.g = x.g and y.is_actionable')) }} as ways
    from unmet
),

counted as (
    select
        *,
        {{ those_of('ways', 'x', number_of('ways', 'y', 'y.g = x.g') ~ ' = 1') }} as only_ways
    from offered
),

-- Coming once more is part of coming three times more; nothing is asked twice.
asked as (
    select
        *,
        {{ those_of('ways', 'x', 'not ' ~ _exists('ways', 'z', 'z.g = x.g and (' ~ _is_spare('z') ~ ')')) }} as steps
    from counted
),

sentences as (
    select
        customer_key,
        as_of_date,
        ruleset,
        clinic_id,
        model,
        tier,
        tier_rank,
        tier_en,
        tier_zh,
        next_tier,
        next_en,
        next_zh,
        coalesce(is_left, false) as is_left,
        lapses_on,
        falls_to,
        coalesce(is_open, false) as is_open,
        coalesce({{ adapter.dispatch('length_of', 'strata')('nexts') }}, 0) > 0 as is_asked,
        {{ smallest_of(each_of(those_of('holds', 'x', 'x.is_kept_by_act and not ' ~ _exists(
            'nexts', 'y', "not y.is_met and y.moves = 'ages' and y.act = x.act"
        )), 'x', 'x.act')) }} as kept_by
        {%- for language, joint in joints().items() %},
        {{ _facts('holds', "x.is_met and not (x.moves = 'grace' and x.value <= 0)", 'y.is_met', language) }}
            as why_{{ language }},
        {{ _facts('open_ones', 'true', 'true', language) }} as short_{{ language }},
        {{ _steps('steps', language) }} as steps_{{ language }},
        {{ _exits(language) }} as exits_{{ language }}
        {%- endfor %}
    from asked
)
{%- endmacro %}


{% macro _exists(list, name, condition) -%} {{ number_of(list, name, condition) }} > 0 {%- endmacro %}


{# A condition with its sentences. #}
{% macro _said(x) %}
    {% set fields = {
        'n': x ~ '.w.condition_number', 'g': x ~ '.w.condition_group', 'is_met': x ~ '.is_met',
        'value': x ~ '.value', 'moves': x ~ '.w.moves', 'wants': x ~ '.w.wants', 'act': x ~ '.w.act',
        'is_actionable': 'case when ' ~ x ~ '.value is null and ' ~ x ~ '.code is null then ' ~ x
            ~ ".w.is_begin else " ~ x ~ '.w.is_act end',
        'is_kept_by_act': x ~ '.is_met and ((' ~ x ~ ".w.moves = 'ages' and " ~ x ~ ".w.wants in ('>', '>='))"
            ~ ' or (' ~ x ~ ".w.moves = 'window' and " ~ x ~ ".w.wants in ('<', '<=')))",
    } %}
    {% for language in joints() %}
        {% do fields.update({
            'fact_' ~ language: _fact(x, language), 'step_' ~ language: _step(x, language),
        }) %}
    {% endfor %}
    {{ return(fields) }}
{% endmacro %}


{% macro _held(x, language) -%}
    coalesce({{ element_of(those_of(x ~ '.w.codes', 'k', 'k.code = ' ~ x ~ '.code'), 1) }}.{{ language }}, {{ x }}.code)
{%- endmacro %}


{% macro _fact(x, language) -%}
    case
        when {{ x }}.value is null and {{ x }}.code is null then {{ x }}.w.absent_{{ language }}
        when {{ x }}.value is null
            then replace({{ x }}.w.told_{{ language }}, '{held}', {{ _held(x, language) }})
        else replace(
            case when {{ x }}.value = 1 then {{ x }}.w.told_one_{{ language }} else {{ x }}.w.told_{{ language }} end,
            '{value}', {{ in_unit(x ~ '.value', x ~ '.w.unit') }}
        )
    end
{%- endmacro %}


{% macro _step(x, language) -%}
    {%- set more = {'en': 'more ', 'zh': '再'}[language] -%}
    {%- set nothing = {'en': 'none', 'zh': '无'}[language] -%}
    trim(replace(replace(replace(replace(replace(
        case
            when {{ x }}.value is null and {{ x }}.code is null then case when {{ x }}.short = 1
                then {{ x }}.w.begin_one_{{ language }} else {{ x }}.w.begin_{{ language }} end
            when {{ x }}.short = 1 then {{ x }}.w.step_one_{{ language }}
            else {{ x }}.w.step_{{ language }}
        end,
        '{gap}', coalesce({{ in_unit(x ~ '.short', x ~ '.w.unit') }}, '')),
        '{more}', case when {{ x }}.value > 0 then '{{ more }}' else '' end),
        '{value}', coalesce({{ in_unit(x ~ '.value', x ~ '.w.unit') }}, '')),
        '{now}', coalesce({{ in_unit(x ~ '.value', x ~ '.w.unit') }}, {{ _held(x, language) }}, '{{ nothing }}')),
        '{held}', coalesce({{ _held(x, language) }}, '')))
{%- endmacro %}


{# Whether a way need not be said: another one takes it along. #}
{% macro _is_spare(z) -%}
    ({{ z }}.moves = 'ages' and {{ z }}.wants in ('<=', '<') and {{ _exists('only_ways', 'v',
        'v.is_actionable and v.act = ' ~ z ~ ".act and v.wants in ('>=', '>')") }})
    or ({{ _exists('only_ways', 'v', 'v.step_en = ' ~ z ~ '.step_en and (v.n < ' ~ z ~ '.n or v.g != ' ~ z ~ '.g and '
        ~ number_of('ways', 'u', 'u.g = ' ~ z ~ '.g') ~ ' > 1)') }})
{%- endmacro %}


{# Facts in their order, each said once. #}
{% macro _facts(list, condition, rival, language) -%}
    {%- set fact = 'fact_' ~ language -%}
    {{ told_together(each_of(those_of(list, 'x', condition ~ ' and not ' ~ _exists(
        list, 'y', 'y.n < x.n and ' ~ rival ~ ' and y.' ~ fact ~ ' = x.' ~ fact
    )), 'x', 'x.' ~ fact), joints()[language].facts) }}
{%- endmacro %}


{# What the next rung asks, all of it; in brackets where one of several ways is enough. #}
{% macro _steps(list, language) -%}
    {%- set joint = joints()[language] -%}
    {%- set group = those_of(list, 'y', 'y.g = x.g') -%}
    {%- set ways = told_together(each_of(group, 'y', 'y.step_' ~ language), joint['or']) -%}
    {{ told_together(each_of(
        those_of(list, 'x', 'not ' ~ _exists(list, 'y', 'y.g = x.g and y.n < x.n')), 'x',
        'case when ' ~ number_of(list, 'y', 'y.g = x.g') ~ " > 1 then '" ~ joint.open ~ "' || " ~ ways
        ~ " || '" ~ joint.close ~ "' else x.step_" ~ language ~ ' end'
    ), joint['and']) }}
{%- endmacro %}


{# What leads out of the rung: of one of its groups all that holds must cease. #}
{% macro _exits(language) -%}
    {%- set joint = joints()[language] -%}
    {%- set group = those_of('holds', 'y', 'y.g = x.g and y.is_met') -%}
    {{ told_together(each_of(
        those_of('holds', 'x', 'x.is_met and not ' ~ _exists(
            'holds', 'y', 'y.g = x.g and y.is_met and (y.n < x.n or not y.is_actionable)'
        )), 'x', told_together(each_of(group, 'y', 'y.step_' ~ language), joint['and'])
    ), joint['or']) }}
{%- endmacro %}


{# Why: the facts of the rung; on a rung that takes everybody left, what the next lacks. #}
{% macro why_words(language) -%}
    {%- set w = {
        'en': {
            'no_feed': 'not known: data that this model needs were not delivered',
            'left': 'none of the other rungs applies', 'colon': ': ',
        },
        'zh': {
            'no_feed': '未知：缺少该模型所需的数据', 'left': '未达到其他任何一级', 'colon': '：',
        },
    }[language] -%}
    case
        when tier is null then '{{ w.no_feed }}'
        else coalesce(
            why_{{ language }}, '{{ w.left }}{{ w.colon }}' || short_{{ language }}, '{{ w.left }}'
        )
    end
{%- endmacro %}


{# What is missing to the next rung, or what leads out of this one. #}
{% macro missing_words(language) -%}
    {%- set w = {
        'en': {
            'reach': "steps_en || ' to reach ' || next_en",
            'leave': "exits_en || ' to leave ' || tier_en",
            'first': "'meets ' || next_en || ' already; first ' || exits_en || ' to leave ' || tier_en",
            'on': "exits_en || ' to reach ' || next_en",
            'top': 'the top rung', 'none': 'not a ladder to climb',
        },
        'zh': {
            'reach': "steps_zh || '，即可升为「' || next_zh || '」'",
            'leave': "exits_zh || '，即可脱离「' || tier_zh || '」'",
            'first': "'已满足「' || next_zh || '」的条件；' || exits_zh || '，即可脱离「' || tier_zh || '」'",
            'on': "exits_zh || '，即可升为「' || next_zh || '」'",
            'top': '已是最高级', 'none': '不涉及升级',
        },
    }[language] -%}
    case
        when tier is null then null
        when next_tier is not null and steps_{{ language }} is not null then {{ w.reach }}
        when next_tier is not null and is_asked then coalesce({{ w.first }}, '{{ w.none }}')
        when next_tier is not null then coalesce({{ w.on }}, '{{ w.none }}')
        when is_left then coalesce({{ w.leave }}, '{{ w.none }}')
        else '{{ w.top }}'
    end
{%- endmacro %}


{# What keeps the rung, and until when; needs the labels of the tier then, and of the act. #}
{% macro keeps_words(language) -%}
    {%- set last_day = 'cast(' ~ days_after('lapses_on', -1) ~ ' as varchar)' -%}
    {%- set w = {
        'en': {
            'until': "'until ' || " ~ last_day ~ " || coalesce(', prolonged by ' || keep_en, '')"
                ~ " || '; if nothing happens, ' || then_en || ' from ' || cast(lapses_on as varchar)",
            'open': 'no date: it also depends on other customers or on other models',
            'stays': 'time alone does not change it',
        },
        'zh': {
            'until': "'保持至 ' || " ~ last_day ~ " || coalesce('，' || keep_zh || '可延续', '')"
                ~ " || '；若无新动态，' || cast(lapses_on as varchar) || ' 起变为「' || then_zh || '」'",
            'open': '无法给出日期：还取决于其他客户或其他模型',
            'stays': '不会仅因时间推移而改变',
        },
    }[language] -%}
    case
        when tier is null then null
        when is_open then '{{ w.open }}'
        when lapses_on is not null then {{ w.until }}
        else '{{ w.stays }}'
    end
{%- endmacro %}
