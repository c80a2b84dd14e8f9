{# The levels that must be earned, best first; `bronze` is everybody's. #}
{% macro membership_levels() %}
    {{ return(['diamond', 'platinum', 'gold', 'silver']) }}
{% endmacro %}


{# The thresholds that hold their floors. #}
{% macro membership_floors() %}
    {% set names = [] %}
    {% for level in membership_levels() %}
        {% do names.append('membership_' ~ level ~ '_min_amount') %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
