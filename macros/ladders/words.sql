{# A value in its unit (money with its sign): ¥1,234.50, 15%, 12. Rounded down, so that it never looks reached. #}
{% macro in_unit(value, unit='unit') -%}
    case {{ unit }}
        when 'cny'
            then case when {{ value }} < 0 then '-' else '' end || '{{ var("currency_symbol") }}'
                || {{ grouped_number('abs(' ~ value ~ ')', is_money=true) }}
        when 'share' then {{ grouped_number(value ~ ' * 100') }} || '%'
        when 'percent' then {{ grouped_number(value) }} || '%'
        else {{ grouped_number('floor(' ~ value ~ ' * 100) / 100') }}
    end
{%- endmacro %}


{# The same, quickly for small whole numbers. #}
{% macro in_unit_quickly(value, unit) -%}
    case
        when {{ unit }} not in ('cny', 'share', 'percent') and {{ value }} between 0 and 999
            and {{ value }} = floor({{ value }})
            then cast(cast({{ value }} as integer) as varchar)
        else {{ in_unit(value, unit) }}
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


{# A template of seeds/policy/measure_words.csv with {window} and {target} filled. #}
{% macro _half_filled(template, language) -%}
    replace(replace({{ template }}, '{window}', window_{{ language }}), '{target}', coalesce(target_text, '{target}'))
{%- endmacro %}


{# What a condition finds, with the rule beside it; a code by its label: {held}. #}
{% macro fact_template(language) -%}
    {%- set brackets = {'en': (' (rule: ', ')', ': '), 'zh': ('（标准 ', '）', '：')}[language] -%}
    case
        when asks_for != 'number' and fact_{{ language }} is null
            then label_{{ language }} || '{{ brackets[2] }}{held}'
        else coalesce(
            {{ _half_filled('fact_' ~ language, language) }},
            label_{{ language }} || '{{ brackets[2] }}{value}'
        ) || case
            when asks_for = 'number' and target_text is not null
                and coalesce(fact_{{ language }}, '') not like '%{target}%'
                then '{{ brackets[0] }}' || {{ comparison_words('comparison', language) }}
                    || target_text || '{{ brackets[1] }}'
            else ''
        end
    end
{%- endmacro %}


{# The same where there is nothing to be found. #}
{% macro none_template(language) -%}
    coalesce(none_{{ language }}, label_{{ language }} || '{{ {'en': ': —', 'zh': '：—'}[language] }}')
{%- endmacro %}


{# What to do so that a condition comes to hold (column `wants`); null if nothing does. #}
{% macro act_template(language) -%}
    {%- set w = {
        'en': ("'reach ' || target_label_en || ' in ' || tier_model_en", "'leave {held} in ' || tier_model_en"),
        'zh': ("'在「' || tier_model_zh || '」中升为「' || target_label_zh || '」'", "'在「' || tier_model_zh || '」中脱离「{held}」'"),
    }[language] -%}
    case
        when asks_for = 'code' and tier_model_en is not null and wants = '=' then {{ w[0] }}
        when asks_for = 'code' and tier_model_en is not null then {{ w[1] }}
        when asks_for = 'number' and wants in ('>=', '>')
            then {{ _half_filled('gain_' ~ language, language) }}
        when asks_for = 'number' and wants in ('<=', '<') and unit != 'score'
            then {{ _half_filled('reset_' ~ language, language) }}
        when wants = '!=' then {{ _half_filled('reset_' ~ language, language) }}
    end
{%- endmacro %}


{# The same where there is nothing yet: what begins it, never a sentence about no number. #}
{% macro start_template(language) -%}
    case
        when asks_for = 'number' and wants in ('>=', '>') then {{ _half_filled(
            'coalesce(start_' ~ language ~ ", case when unit = 'score' then reset_" ~ language ~ ' end, gain_' ~ language ~ ')', language
        ) }}
        when asks_for = 'number' and wants in ('<=', '<') and coalesce(reset_{{ language }}, '') not like '%{value}%'
            then {{ _half_filled('reset_' ~ language, language) }}
        when wants = '!=' and coalesce(reset_{{ language }}, '') not like '%{value}%'
            then {{ _half_filled('reset_' ~ language, language) }}
    end
{%- endmacro %}


{# How a condition that nothing brings about must stand. #}
{% macro must_template(language) -%}
    {%- set words = {
        'en': (" ' must be '", "' (now {now})'", "'none'"), 'zh': ("' 须 '", "'（现为 {now}）'", "'无'"),
    }[language] -%}
    label_{{ language }} || {{ words[0] }} || {{ comparison_words('wants', language) }}
    || coalesce(target_text, target_label_{{ language }}, {{ words[2] }}) || {{ words[1] }}
{%- endmacro %}


{# A template in the singular or the plural. #}
{% macro in_number(template, is_one) -%}
    replace(replace({{ template }}, '{s}', '{{ '' if is_one else 's' }}'), '{ies}', '{{ 'y' if is_one else 'ies' }}')
{%- endmacro %}
