{# What joins the parts of a sentence. #}
{% macro joints() %}
    {{ return({
        'en': {'facts': '; ', 'and': ', and ', 'or': ' or ', 'open': '(', 'close': ')'},
        'zh': {'facts': '；', 'and': '，且', 'or': ' 或 ', 'open': '（', 'close': '）'},
    }) }}
{% endmacro %}


{#
    The reasons in words: a row per customer and model. Args as of judged_rungs(); `labels`
    holds those of models, tiers and acts (`reason_label_rows`).
#}
{% macro reason_rows(facts, words, labels, models, wanted=none) -%}
{{ judged_rungs(facts, words, models, wanted) }},

-- What of the next rung nothing fulfils yet.
unmet as (
    select
        *,
        case
            when is_asked_plainly then {{ those_of('nexts', 'x', 'not x.is_met') }}
            else {{ those_of('nexts', 'x', 'not x.is_met and not ' ~ _exists('nexts', 'y', 'y.g = x.g and y.is_met')) }}
        end as open_ones
    from judged
),

said as (
    select
        {{ judged_columns() | join(', ') }},
        nexts,
        {{ each_of('holds', 'x', record_of(_said('x', number_of('open_ones', 'y', 'true') ~ ' = 0'))) }} as holds,
        {{ each_of('open_ones', 'x', record_of(_said('x', 'true'))) }} as open_ones
    from unmet
),

-- A way that nothing the customer does brings about is left out where there is another, and
-- so is a tier of another model where an easier one of it, named later, is enough.
offered as (
    select
        *,
        case when not is_asked_plainly then
            {{ those_of('open_ones', 'x', '(x.can or not ' ~ _exists('open_ones', 'y', 'y.g = x.g and y.can')
                ~ ') and not ' ~ _exists('open_ones', 't', "t.can and t.wants = '=' and x.wants = '=' and t.g = x.g"
                ~ ' and t.measure = x.measure and t.n > x.n')) }}
        end as ways
    from said
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
        {{ those_of('ways', 'x', 'not ' ~ _exists('ways', 'z', 'z.g = x.g and (' ~ _is_spare('z') ~ ')')) }} as chosen
    from counted
),

-- Of several ways in one condition and the same and further ones in another, the first is enough.
needed as (
    select
        *,
        {{ those_of('chosen', 'x', 'not ' ~ _exists('chosen', 'v', _takes_along('v', 'x'))) }} as needed
    from asked
),

-- Only where it is said: how to leave, what else is lacking, what keeps the tier.
sentences as (
    select
        {{ judged_columns() | join(', ') | replace('is_open', 'coalesce(is_open, false) as is_open')
            | replace('is_left,', 'coalesce(is_left, false) as is_left,') }},
        {{ number_of('nexts', 'x', 'true') }} > 0 as is_asked,
        -- What leads to a further rung as well does not keep this one.
        case when aim is null then {{ smallest_of(each_of(those_of('holds', 'x', 'x.is_kept_by_act and not ' ~ _exists(
            'nexts', 'y', "not y.is_met and y.moves = 'ages' and y.act = x.act"
        )), 'x', 'x.act')) }} end as kept_by
        {%- for language, joint in joints().items() %},
        {{ _facts('holds', 'x.is_ground', language) }} as why_{{ language }},
        {{ _facts('open_ones', 'true', language) }} as short_{{ language }},
        coalesce(
            {{ _steps('needed', language) }},
            {{ told_together(each_of('open_ones', 'x', 'x.step_' ~ language), joint['and']) }}
        ) as steps_{{ language }},
        {{ _exits('holds', language) }} as exits_{{ language }}
        {%- endfor %}
    from needed
),

-- A question about what is said (`where missing_en is null`) is answered here, since it needs
-- the model's label as well. Asked of the lists, it would make them again for every word.
labelled as (
    select
        sentences.*,
        case when labels.model_label_en != '' then sentences.tier end as told_tier,
        labels.model_label_en,
        labels.model_label_zh,
        labels.question_en,
        labels.question_zh,
        thens.label_en as then_en,
        thens.label_zh as then_zh,
        acts.label_en as keep_en,
        acts.label_zh as keep_zh
    from sentences
    inner join {{ labels }} as labels
        on sentences.model = labels.model and labels.kind = 'model'
    left join {{ labels }} as thens
        on sentences.model = thens.model and thens.kind = 'tier' and sentences.falls_to = thens.code
    left join {{ labels }} as acts on acts.kind = 'act' and sentences.kept_by = acts.code
)

select
    customer_key,
    as_of_date,
    ruleset,
    model,
    model_label_en,
    model_label_zh,
    question_en,
    question_zh,
    tier,
    tier_rank,
    tier_en as tier_label_en,
    tier_zh as tier_label_zh,
    {{ why_words('en') }} as why_en,
    {{ why_words('zh') }} as why_zh,
    next_tier,
    next_en as next_label_en,
    next_zh as next_label_zh,
    {{ missing_words('en') }} as missing_en,
    {{ missing_words('zh') }} as missing_zh,
    {{ keeps_words('en') }} as keeps_en,
    {{ keeps_words('zh') }} as keeps_zh,
    lapses_on,
    falls_to,
    clinic_id
from labelled
{%- endmacro %}


{# A condition with its sentences; the step only where it may be said. #}
{% macro _said(x, is_step_said) %}
    {% set fields = {} %}
    {% for name in ['n', 'g', 'is_met', 'moves', 'wants', 'act', 'can', 'measure'] %}
        {% do fields.update({name: x ~ '.' ~ name}) %}
    {% endfor %}
    {% do fields.update({
        'is_kept_by_act': _is_kept_by_act(x),
        'is_ground': x ~ '.is_met and not (' ~ x ~ ".moves = 'grace' and " ~ x ~ '.value <= 0)',
    }) %}
    {% for language in joints() %}
        {% do fields.update({
            'fact_' ~ language: _fact(x, language),
            'step_' ~ language: 'case when ' ~ is_step_said ~ ' then ' ~ _step(x, language) ~ ' end',
        }) %}
    {% endfor %}
    {{ return(fields) }}
{% endmacro %}


{% macro _exists(list, name, condition) -%} {{ number_of(list, name, condition) }} > 0 {%- endmacro %}


{# Whether what the customer does keeps it fulfilled. #}
{% macro _is_kept_by_act(x) -%}
    {{ x }}.is_met and (
        ({{ x }}.moves = 'ages' and {{ x }}.wants in ('>', '>='))
        or ({{ x }}.moves = 'window' and {{ x }}.wants in ('<', '<='))
    )
{%- endmacro %}


{# The label of the code that the customer has. #}
{% macro _held(x, language) -%}
    coalesce({{ element_of(those_of(x ~ '.codes', 'k', 'k.code = ' ~ x ~ '.code'), 1) }}.{{ language }}, {{ x }}.code)
{%- endmacro %}


{# A template with the customer's values. #}
{% macro _filled(x, template, places, language) -%}
    {%- set sql = namespace(text=x ~ '.' ~ template ~ '_' ~ language) -%}
    {%- set more, nothing = {'en': ('more ', 'none'), 'zh': ('再', '无')}[language] -%}
    {%- set contents = {
        'value': "coalesce(" ~ in_unit_quickly(x ~ '.value', x ~ '.unit') ~ ", '')",
        'gap': "coalesce(" ~ in_unit_quickly(x ~ '.short', x ~ '.unit') ~ ", '')",
        'target': "coalesce(" ~ in_unit_quickly(x ~ '.target', x ~ '.unit') ~ ", '')",
        'more': "case when " ~ x ~ ".value > 0 then '" ~ more ~ "' else '' end",
        'held': "coalesce(" ~ _held(x, language) ~ ", '')",
        'now': "coalesce(" ~ in_unit_quickly(x ~ '.value', x ~ '.unit') ~ ', ' ~ _held(x, language)
            ~ ", '" ~ nothing ~ "')",
    } -%}
    {%- set asked = x ~ '.' ~ template ~ '_' ~ language -%}
    {%- for place in places -%}
        {%- set content = contents[place] -%}
        {%- if place != 'value' -%}
            {%- set content = 'case when ' ~ asked ~ " like '%{" ~ place ~ "}%' then " ~ content ~ " else '' end" -%}
        {%- endif -%}
        {%- set sql.text = 'replace(' ~ sql.text ~ ", '{" ~ place ~ "}', " ~ content ~ ')' -%}
    {%- endfor -%}
    {{ sql.text }}
{%- endmacro %}


{% macro _fact(x, language) -%} {{ _filled(x, 'fact', ['value', 'target', 'held'], language) }} {%- endmacro %}


{% macro _step(x, language) -%}
    trim({{ _filled(x, 'step', ['value', 'gap', 'more', 'target', 'held', 'now'], language) }})
{%- endmacro %}


{# Whether a way need not be said: another one takes it along. #}
{% macro _is_spare(z) -%}
    ({{ z }}.moves = 'ages' and {{ z }}.wants in ('<=', '<') and {{ _exists('only_ways', 'v',
        'v.can and v.act = ' ~ z ~ ".act and v.wants in ('>=', '>')") }})
    or ({{ _exists('only_ways', 'v', 'v.step_en = ' ~ z ~ '.step_en and (v.n < ' ~ z ~ '.n or v.g != ' ~ z ~ '.g and '
        ~ number_of('ways', 'u', 'u.g = ' ~ z ~ '.g') ~ ' > 1)') }})
{%- endmacro %}


{# Whether each way of the condition of `v` is one of the condition of `x` as well: then `x` goes without saying. #}
{% macro _takes_along(v, x) -%}
    {{ v }}.g != {{ x }}.g and (
        {{ v }}.g < {{ x }}.g
        or {{ number_of('chosen', 'w', 'w.g = ' ~ v ~ '.g') }} < {{ number_of('chosen', 'w', 'w.g = ' ~ x ~ '.g') }}
    ) and not {{ _exists('chosen', 'w', 'w.g = ' ~ v ~ '.g and not ' ~ _exists(
        'chosen', 'u', 'u.g = ' ~ x ~ '.g and u.step_en = w.step_en'
    )) }}
{%- endmacro %}


{# Facts in their order, each said once. #}
{% macro _facts(list, which, language) -%}
    {%- set fact = 'fact_' ~ language -%}
    {{ told_together(each_of(those_of(list, 'x', which ~ ' and not ' ~ _exists(
        list, 'y', 'y.n < x.n and ' ~ which.replace('x.', 'y.') ~ ' and y.' ~ fact ~ ' = x.' ~ fact
    )), 'x', 'x.' ~ fact), joints()[language].facts) }}
{%- endmacro %}


{# What the next rung asks, all of it; in brackets where one of several ways is enough and more is asked. #}
{% macro _steps(list, language) -%}
    {%- set joint = joints()[language] -%}
    {%- set group = those_of(list, 'y', 'y.g = x.g') -%}
    {%- set ways = told_together(each_of(group, 'y', 'y.step_' ~ language), joint['or']) -%}
    {{ told_together(each_of(
        those_of(list, 'x', 'not ' ~ _exists(list, 'y', 'y.g = x.g and y.n < x.n')), 'x',
        'case when ' ~ number_of(list, 'y', 'y.g = x.g') ~ ' > 1 and ' ~ _exists(list, 'y', 'y.g != x.g')
        ~ " then '" ~ joint.open ~ "' || " ~ ways ~ " || '" ~ joint.close ~ "' else " ~ ways ~ ' end'
    ), joint['and']) }}
{%- endmacro %}


{# What leads out of the rung: of one of its groups all that holds must cease. #}
{% macro _exits(list, language) -%}
    {%- set joint = joints()[language] -%}
    {%- set said = 'z.is_met and z.n < y.n and z.step_' ~ language ~ ' = y.step_' ~ language -%}
    {%- set group = those_of(list, 'y', 'y.g = x.g and y.is_met and not ' ~ _exists(
        list, 'z', 'z.g = y.g and ' ~ said
    )) -%}
    {{ told_together(each_of(
        those_of(list, 'x', 'x.is_met and x.step_' ~ language ~ ' is not null and not ' ~ _exists(
            list, 'y', 'y.g = x.g and y.is_met and (y.n < x.n or not y.can)'
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
            'no_feed': '未知：缺少该模型所需的数据', 'left': '不符合其他层级的条件', 'colon': '：',
        },
    }[language] -%}
    case
        when told_tier is null then '{{ w.no_feed }}'
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
        when told_tier is null then null
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
        when told_tier is null then null
        when is_open then '{{ w.open }}'
        when lapses_on is not null then {{ w.until }}
        else '{{ w.stays }}'
    end
{%- endmacro %}
