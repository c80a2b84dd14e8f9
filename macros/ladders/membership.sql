{# The levels that must be earned, best first; `bronze` is everybody's. #}
{% macro membership_levels() %}
    {{ return(['diamond', 'platinum', 'gold', 'silver']) }}
{% endmacro %}
