{# The kinds of private-domain interaction (models/entities/interactions.yml). #}
{% macro interaction_kinds() %}
    {{ return([
        'page_view', 'live_watch', 'live_chat', 'community_post', 'coupon_claimed',
        'coupon_used',
    ]) }}
{% endmacro %}


{# As columns `<kind>_share`: the share of each kind in a customer's touches, 0 to 1. #}
{% macro interaction_shares(touches, kind_column) -%}
    {%- for kind in interaction_kinds() %}
    cast(
        coalesce(sum({{ touches }}) filter (where {{ kind_column }} = '{{ kind }}'), 0)
        / sum({{ touches }}) as decimal(9, 6)
    ) as {{ kind }}_share{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The squared distance of two interaction mixes. #}
{% macro mix_distance(left, right) -%}
    {%- for kind in interaction_kinds() %}
    {{ '+ ' if not loop.first }}({{ left }}.{{ kind }}_share - {{ right }}.{{ kind }}_share)
    * ({{ left }}.{{ kind }}_share - {{ right }}.{{ kind }}_share)
    {%- endfor %}
{%- endmacro %}
