{# A value in its unit: ¥1,234.50, 15%, 12. Rounded down, so that it never looks reached. #}
{% macro in_unit(value, unit='unit') -%}
    case {{ unit }}
        when 'cny'
            then case when {{ value }} < 0 then '-' else '' end || '¥'
                || {{ grouped_number('abs(' ~ value ~ ')', is_money=true) }}
        when 'share' then {{ grouped_number(value ~ ' * 100') }} || '%'
        when 'percent' then {{ grouped_number(value) }} || '%'
        else {{ grouped_number('floor(' ~ value ~ ' * 100) / 100') }}
    end
{%- endmacro %}


{# The smallest difference that counts: a fen, a whole purchase or day, any share. #}
{% macro smallest_step(unit='unit') -%}
    case when {{ unit }} = 'cny' then 0.01 when {{ unit }} in ('share', 'percent', 'index') then 0 else 1 end
{%- endmacro %}


{# What a comparison asks beyond its target. #}
{% macro step_beyond(comparison, unit) -%}
    case when {{ comparison }} = '>' then {{ smallest_step(unit) }} else 0 end
{%- endmacro %}


{#
    A template of seeds/policy/measure_words.csv with its places filled: {value}, {target},
    {gap}, {window}, {more} (where something is there already), {s} and {ies} (plural).

    Args:
        template: SQL for the template.
        counted: SQL for the number that decides singular or plural.
        language: en or zh.
#}
{% macro filled(template, counted, language) -%}
    {%- set places = {
        'value': 'value_text',
        'target': 'target_text',
        'gap': 'gap_text',
        'window': 'window_' ~ language,
        'more': "case when value > 0 then '" ~ ('more ' if language == 'en' else '再') ~ "' else '' end",
        's': "case when " ~ counted ~ " = 1 then '' else 's' end",
        'ies': "case when " ~ counted ~ " = 1 then 'y' else 'ies' end",
    } -%}
    {%- set sql = namespace(text=template) -%}
    {%- for place, content in places.items() -%}
        {%- set sql.text = "replace(" ~ sql.text ~ ", '{" ~ place ~ "}', coalesce(" ~ content ~ ", ''))" -%}
    {%- endfor -%}
    trim({{ sql.text }})
{%- endmacro %}


{# A comparison in words, with a space after it. #}
{% macro comparison_words(comparison, language) -%}
    {%- set words = {
        'en': {'>=': 'at least ', '<=': 'at most ', '>': 'more than ', '<': 'less than ', '=': 'exactly ', '!=': 'not '},
        'zh': {'>=': '≥ ', '<=': '≤ ', '>': '> ', '<': '< ', '=': '= ', '!=': '≠ '},
    } -%}
    case {{ comparison }}
        {%- for sign, word in words[language].items() %} when '{{ sign }}' then '{{ word }}'{% endfor %} end
{%- endmacro %}


{# The comparison that holds where this one does not. #}
{% macro opposite(comparison) -%}
    case {{ comparison }} when '>=' then '<' when '<' then '>=' when '<=' then '>' when '>' then '<='
        when '=' then '!=' else '=' end
{%- endmacro %}


{# The window of a measure in words; nothing where it has none. #}
{% macro window_words(language) -%}
    {%- set words = {
        'en': (" ' in the last ' || cast(cast(window_days as integer) as varchar) || ' days'", "' in all'"),
        'zh': (" '近 ' || cast(cast(window_days as integer) as varchar) || ' 天'", "'累计'"),
    }[language] -%}
    case
        when window_days > 0 then {{ words[0] }}
        when window_days = 0 or measure like '%_lifetime' then {{ words[1] }}
        else ''
    end
{%- endmacro %}


{# What a condition finds, with the rule beside it: why a rung is held, or is not. #}
{% macro fact_words(language) -%}
    {%- set brackets = {'en': (' (rule: ', ')', ': '), 'zh': ('（标准 ', '）', '：')}[language] -%}
    case
        when asks_for = 'code' and value_code is not null and fact_{{ language }} is null
            then label_{{ language }} || '{{ brackets[2] }}' || value_label_{{ language }}
        when value is null and (value_code is null or fact_{{ language }} is null)
            then coalesce(none_{{ language }}, label_{{ language }} || '{{ brackets[2] }}—')
        else coalesce(
            {{ filled('fact_' ~ language, 'value', language) }},
            label_{{ language }} || '{{ brackets[2] }}' || value_text
        ) || case
            when asks_for = 'number' and target is not null
                and coalesce(fact_{{ language }}, '') not like '%{target}%'
                then '{{ brackets[0] }}' || {{ comparison_words('comparison', language) }}
                    || target_text || '{{ brackets[1] }}'
            else ''
        end
    end
{%- endmacro %}


{# What to do so that a condition comes to hold (column `wants`), or how it must stand. #}
{% macro step_words(language) -%}
    {%- set words = {
        'en': {
            'reach': "'reach ' || target_label_en || ' in ' || tier_model_en",
            'leave': "'leave ' || value_label_en || ' in ' || tier_model_en",
            'must': " ' must be '", 'now': "' (now '", 'end': "')'", 'none': "'none'",
        },
        'zh': {
            'reach': "'在「' || tier_model_zh || '」中升为「' || target_label_zh || '」'",
            'leave': "'在「' || tier_model_zh || '」中脱离「' || value_label_zh || '」'",
            'must': "'须 '", 'now': "'（现为 '", 'end': "'）'", 'none': "'无'",
        },
    }[language] -%}
    case
        when tier_model_en is not null and asks_for = 'code' and wants = '=' then {{ words.reach }}
        when tier_model_en is not null and asks_for = 'code' then {{ words.leave }}
        else coalesce(
            {{ filled('template_' ~ language, 'gap', language) }},
            label_{{ language }} || {{ words.must }} || {{ comparison_words('wants', language) }}
            || coalesce(target_text, target_label_{{ language }}, {{ words.none }})
            || {{ words.now }} || coalesce(value_text, value_label_{{ language }}, {{ words.none }})
            || {{ words.end }}
        )
    end
{%- endmacro %}


{# The template for what brings a condition about: gain where more is wanted, else reset. #}
{% macro step_template(language) -%}
    case
        when asks_for = 'number' and wants in ('>=', '>')
            then case when value is null and unit = 'score' then reset_{{ language }}
                else gain_{{ language }} end
        when asks_for = 'number' and wants in ('<=', '<')
            then case when value is null or unit != 'score' then reset_{{ language }} end
        when wants = '!=' then reset_{{ language }}
    end
{%- endmacro %}
