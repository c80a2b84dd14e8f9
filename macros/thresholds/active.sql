{# `policy_row` for the active rule set alone, for what is not computed for candidates. #}
{% macro active_policy(names) -%}
    {{ policy_row(names) }}
    having ruleset = '{{ var("ruleset") }}'
{%- endmacro %}
