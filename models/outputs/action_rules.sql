-- The strategies and triggers in force: a rule set's own row before its base's, department
-- before clinic before chain, then the latest begun.
-- One row per as-of date, rule set in play, scope and action.
{%- set shared = [
    'ruleset', 'scope_type', 'scope_id', 'valid_from', 'is_on', 'model', 'tier', 'kind',
    'owner', 'channel', 'priority', 'delay_days', 'valid_days', 'cooldown_days', 'stake',
    'label_en', 'label_zh', 'offer_en', 'offer_zh', 'source',
] %}
with {{ ruleset_lineage() }},

listed as (
    select
        'strategy' as origin,
        strategy as action,
        'tier_held' as rule,
        and_model,
        and_tier,
        {{ shared | join(', ') }}
    from {{ ref('strategies') }}
    union all
    select
        'trigger' as origin,
        trigger as action,
        rule,
        null as and_model,
        null as and_tier,
        {{ shared | join(', ') }}
    from {{ ref('triggers') }}
),

preferred as (
    select
        dates.as_of_date,
        lineage.ruleset,
        scopes.scope_id,
        listed.origin,
        listed.action,
        listed.rule,
        listed.and_model,
        listed.and_tier,
        {% for name in shared if name not in ['ruleset', 'scope_type', 'scope_id'] %}
            listed.{{ name }},
        {% endfor %}
        row_number() over (
            partition by
                dates.as_of_date, lineage.ruleset, scopes.scope_id, listed.action
            order by
                lineage.distance asc,
                case listed.scope_type when 'department' then 1 when 'clinic' then 2 else 3 end asc,
                listed.valid_from desc
        ) as precedence
    from listed
    inner join lineage on listed.ruleset = lineage.ancestor
    inner join {{ ref('as_of_dates') }} as dates on listed.valid_from <= dates.as_of_date
    inner join {{ ref('policy_scopes') }} as scopes
        on listed.scope_id = case listed.scope_type
            when 'clinic' then scopes.clinic_id
            when 'department' then scopes.department
            else '*'
        end
)

select
    as_of_date,
    ruleset,
    scope_id,
    origin,
    action,
    rule,
    model,
    tier,
    and_model,
    and_tier,
    kind,
    owner,
    channel,
    priority,
    delay_days,
    valid_days,
    cooldown_days,
    stake,
    label_en,
    label_zh,
    offer_en,
    offer_zh,
    source
from preferred
where precedence = 1 and is_on
