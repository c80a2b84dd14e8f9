{# The tier models of which it is told whether the next rung is within reach. #}
{% macro reach_models() %}
    {{ return(['member', 'four_stage', 'lifecycle', 'four_level', 'rule']) }}
{% endmacro %}


{#
    Whether a rung is within reach: each of its conditions is met, or asks for more of what the
    customer does (buy, come, refer) and at most a share of the threshold is missing.
    Over `measures` and `policy`.

    Args:
        rung, versus: of a ladder.
        share: SQL for the share.
#}
{% macro rung_in_reach(rung, versus, share) -%}
    {%- set groups = {} -%}
    {%- for c in rung_conditions(rung, versus) -%}
        {%- set met = condition_sql(c.condition, versus) -%}
        {%- set is_deed = c.parts.kind == 'threshold' and c.parts.comparison in ['>=', '>'] and c.parts.measure in [
            'purchases', 'net_amount', 'consumption_days', 'categories', 'referrals_made', 'max_category_purchases',
        ] -%}
        {%- set near = 'coalesce(' ~ measure_sql(c.parts) ~ ' >= (1 - ' ~ share ~ ') * policy.'
            ~ c.parts.target ~ ', false)' -%}
        {%- do groups.setdefault(c.group, []).append(near if is_deed else met) -%}
    {%- endfor -%}
    {%- set all = [] -%}
    {%- for options in groups.values() -%}{%- do all.append('(' ~ options | join(' or ') ~ ')') -%}{%- endfor -%}
    ({{ all | join(' and ') or 'false' }})
{%- endmacro %}


{# Whether the rung called `next_tier` is within reach, of a model's ladder. #}
{% macro next_in_reach(model, next_tier, share) -%}
    {%- set ladder = (ladder_nodes([model]) | first).config.meta.ladder if execute else {'rungs': []} -%}
    case {{ next_tier }}
        {%- for rung in ladder.rungs if rung.when %}
        when '{{ rung.tier }}' then {{ rung_in_reach(rung, ladder.versus, share) }}
        {%- endfor %}
        else false
    end
{%- endmacro %}


{# The thresholds that these ladders compare. #}
{% macro reach_thresholds() %}
    {% set names = [] %}
    {% for node in ladder_nodes(reach_models()) %}
        {% set ladder = node.config.meta.ladder %}
        {% for name in ladder_thresholds(ladder.rungs, ladder.versus) if name not in names %}
            {% do names.append(name) %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
