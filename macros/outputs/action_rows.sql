{#
    Actions with their labels and the reason in words.

    Args:
        actions: rows of action_candidates.
        reasons: rows of `reason_rows` for their customers.
        is_medical: whether what holds an action back is told, too.
#}
{% macro action_rows(actions, reasons, is_medical=false) -%}
select
    {{ columns_of('actions', [
        'customer_key', 'as_of_date', 'ruleset', 'clinic_id', 'owner',
    ]) }},
    owners.label_en as owner_label_en,
    owners.label_zh as owner_label_zh,
    actions.place,
    actions.action,
    rules.origin,
    actions.kind,
    actions.priority,
    rules.channel,
    {{ columns_of('rules', ['label_en', 'label_zh', 'offer_en', 'offer_zh']) }},
    {{ action_reason('en') }} as reason_en,
    {{ action_reason('zh') }} as reason_zh,
    {{ columns_of('actions', [
        'model', 'tier', 'began_on', 'due_on', 'expires_on', 'stake_amount', 'last_contact_date',
    ]) }},
    rules.source
    {%- if is_medical %},
    actions.held_by,
    holds.label_en as held_by_label_en,
    holds.label_zh as held_by_label_zh
    {%- endif %}
from {{ actions }} as actions
inner join {{ ref('action_rules') }} as rules
    on {{ named_equal('actions', 'rules', ['as_of_date', 'ruleset', 'scope_id', 'action']) }}
left join {{ ref('action_words') }} as owners
    on owners.kind = 'owner' and actions.owner = owners.code
left join {{ reasons }} as reasons
    on
        actions.customer_key = reasons.customer_key
        and actions.as_of_date = reasons.as_of_date
        and actions.model = reasons.model
{%- if is_medical %}
left join {{ ref('action_words') }} as holds
    on holds.kind = 'reason' and actions.held_by = holds.code
{%- endif %}
{%- endmacro %}


{# Why an action is due, in words; the facts are those of the tier's own reason. #}
{% macro action_reason(language) -%}
    {%- set w = {
        'en': {
            'of': "' (' || reasons.model_label_en || '): '",
            'treated': "'treatment on ' || cast(actions.began_on as varchar) || ', goes well together: ' || actions.item",
            'bought': "'first bought on ' || cast(actions.began_on as varchar) || ', not again since'",
        },
        'zh': {
            'of': "'（' || reasons.model_label_zh || '）：'",
            'treated': "cast(actions.began_on as varchar) || ' 治疗，适合搭配：' || actions.item",
            'bought': "cast(actions.began_on as varchar) || ' 首次购买，此后未再购买'",
        },
    }[language] -%}
    case actions.rule
        when 'treated' then {{ w.treated }}
        when 'first_purchase' then {{ w.bought }}
        else reasons.tier_label_{{ language }} || {{ w.of }} || case actions.rule
            when 'lapses' then reasons.keeps_{{ language }}
            when 'within_reach' then reasons.missing_{{ language }}
            else reasons.why_{{ language }}
        end
    end
{%- endmacro %}
