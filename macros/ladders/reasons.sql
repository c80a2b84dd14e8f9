{# What identifies a customer in a tier model: the columns, of a relation or bare. #}
{% macro ladder_key(relation=none) -%}
    {%- set names = [] -%}
    {%- for name in ['customer_key', 'as_of_date', 'ruleset', 'model'] -%}
        {%- do names.append((relation ~ '.' if relation else '') ~ name) -%}
    {%- endfor -%}
    {{ names | join(', ') }}
{%- endmacro %}


{# The join condition of two relations with a row per customer, as-of date, rule set, model. #}
{% macro same_ladder(left, right) -%}
    {{ same_placement(left, right) }}
        and {{ left }}.model = {{ right }}.model
{%- endmacro %}


{# The labels of a tier, joined under an alias. #}
{% macro tier_labels(model, tier, alias) -%}
    left join {{ ref('tiers') }} as {{ alias }}
        on {{ model }} = {{ alias }}.model and {{ tier }} = {{ alias }}.tier
{%- endmacro %}


{# Why: the facts of her rung; on a rung that takes everybody left, what the next lacks. #}
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


{# What is missing to the next rung, or what gets her out of this one. #}
{% macro missing_words(language) -%}
    {%- set w = {
        'en': {
            'reach': "steps_en || ' to reach ' || next_en",
            'leave': "exits_en || ' to leave ' || tier_en",
            'first': "'meets ' || next_en || ' already; first ' || exits_en || ' to leave ' || tier_en",
            'top': 'the top rung', 'none': 'not a ladder to climb',
        },
        'zh': {
            'reach': "steps_zh || '，即可升为「' || next_zh || '」'",
            'leave': "exits_zh || '，即可脱离「' || tier_zh || '」'",
            'first': "'已满足「' || next_zh || '」的条件；' || exits_zh || '，即可脱离「' || tier_zh || '」'",
            'top': '已是最高级', 'none': '不涉及升级',
        },
    }[language] -%}
    case
        when tier is null then null
        when next_tier is not null and steps_{{ language }} is not null then {{ w.reach }}
        when next_tier is not null then coalesce({{ w.first }}, '{{ w.none }}')
        when is_left then coalesce({{ w.leave }}, '{{ w.none }}')
        else '{{ w.top }}'
    end
{%- endmacro %}


{# What keeps the rung, and until when. #}
{% macro keeps_words(language) -%}
    {%- set last_day = 'cast(' ~ days_after('change_date', -1) ~ ' as varchar)' -%}
    {%- set w = {
        'en': {
            'until': "'until ' || " ~ last_day ~ " || coalesce(', prolonged by ' || keep_en, '')"
                ~ " || '; if nothing happens, ' || then_en || ' from ' || cast(change_date as varchar)",
            'open': 'no date: it also depends on other customers or on other models',
            'stays': 'time alone does not change it',
        },
        'zh': {
            'until': "'保持至 ' || " ~ last_day ~ " || coalesce('，' || keep_zh || '可延续', '')"
                ~ " || '；若无新动态，' || cast(change_date as varchar) || ' 起变为「' || then_zh || '」'",
            'open': '无法给出日期：还取决于其他客户或其他模型',
            'stays': '不会仅因时间推移而改变',
        },
    }[language] -%}
    case
        when tier is null then null
        when is_open then '{{ w.open }}'
        when change_date is not null then {{ w.until }}
        else '{{ w.stays }}'
    end
{%- endmacro %}


{# What identifies a condition on a coming day, and what it needs to be judged then. #}
{% macro prospect_columns() -%}
    courses.customer_key, courses.as_of_date, courses.ruleset, courses.model, courses.rung,
        courses.condition_number, courses.condition_group, courses.measure, courses.comparison,
        courses.asks_for, courses.course, courses.value, courses.value_code,
        courses.target_value, courses.target_code, turns.turn_date
{%- endmacro %}


{# What is left of a windowed measure on a coming day; null for other measures. #}
{% macro left_in_window() -%}
    case
            when courses.course != 'window' or courses.value is null then null
            when courses.measure = 'referral_conversion_rate'
                then cast(avg(events.amount) as decimal(9, 4))
            else coalesce(sum(events.amount), 0)
        end
{%- endmacro %}


{# The coming day, if a windowed measure falls below its target on it. #}
{% macro ceased_date() -%}
    case
            when left_value < target_value
                and target_value <= lag(left_value, 1, value) over (
                    partition by {{ ladder_key() }}, condition_number order by turn_date
                )
                then turn_date
        end
{%- endmacro %}


{# The value on a coming day; of a grace period see `chained_grace`. #}
{% macro value_then() -%}
    case course
            when 'window' then left_value
            when 'ages' then value + days_on
            when 'grace' then null
            else value
        end
{%- endmacro %}


{#
    For how many days a level has not been earned: 0 where it is, else since its alternative
    last ceased, else a day more each day. A level above that ran out is followed by a grace
    period of its own.
#}
{% macro chained_grace() -%}
    {%- set days = "case when is_earned then 0 when ended_date is not null"
        ~ " then date_diff('day', ended_date, turn_date) + 1 else value + days_on end" -%}
    min({{ days }} + target_value * step_number) over (
            partition by customer_key, as_of_date, ruleset, model, turn_date, course
            order by step_number
        ) - target_value * step_number
{%- endmacro %}
