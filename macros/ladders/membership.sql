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


{# As columns `<level>_days`: how many days ago each level's amount was last reached. #}
{% macro last_earned_days(amount, days_ago, policy) -%}
    {%- for level in membership_levels() %}
    min({{ days_ago }}) filter (
        where {{ amount }} >= {{ policy }}.membership_{{ level }}_min_amount
    ) as {{ level }}_days{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#
    As columns `<level>_unearned_days`: for how many days a level has not been earned. One
    above it that ran out counts from the end of its own grace period: one rung at a time.
#}
{% macro unearned_days(earned, grace) -%}
    {%- set levels = membership_levels() %}
    {%- for level in levels %}
    least(
        {%- for above in levels[:loop.index0] | reverse %}
        {{ earned }}.{{ above }}_days - {{ loop.index }} * {{ grace }},
        {%- endfor %}
        {{ earned }}.{{ level }}_days
    ) as {{ level }}_unearned_days{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
