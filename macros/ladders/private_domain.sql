{# The kinds of private-domain interaction (models/entities/interactions.yml). #}
{% macro interaction_kinds() %}
    {{ return([
        'page_view', 'live_watch', 'live_chat', 'community_post', 'coupon_claimed',
        'coupon_used',
    ]) }}
{% endmacro %}


{# The squared distance of two interaction mixes. #}
{% macro mix_distance(left, right) -%}
    {%- for kind in interaction_kinds() %}
    {{ '+ ' if not loop.first }}({{ left }}.{{ kind }}_share - {{ right }}.{{ kind }}_share)
    * ({{ left }}.{{ kind }}_share - {{ right }}.{{ kind }}_share)
    {%- endfor %}
{%- endmacro %}
