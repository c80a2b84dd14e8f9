{# The kinds of private-domain interaction (models/entities/interactions.yml). #}
{% macro interaction_kinds() %}
    {{ return([
        'page_view', 'live_watch', 'live_chat', 'community_post', 'coupon_claimed',
        'coupon_used',
    ]) }}
{% endmacro %}
