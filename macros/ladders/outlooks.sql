{#
    How the truth of a condition moves while nothing happens. Told by its form: days since
    something (`ages`), a count or amount in a window (`window`), a grace period (`grace`);
    all others hold on, but for those that other customers or models move (`moved`: course
    `others` in seeds/policy/measure_words.csv, looked up when the model runs).
#}

{#
    The conditions of some models with what is needed to foretell them, flat: model, rung,
    group, number, name (of their column), parts, course.
#}
{% macro foretold_conditions(models, has_events=true) %}
    {% set flat = [] %}
    {% for node in ladder_nodes() if node.config.meta.ladder.model in models %}
        {% set ladder, numbers = node.config.meta.ladder, [] %}
        {% for rung in ladder.rungs %}
            {% for c in rung_conditions(rung, ladder.versus) %}
                {% do numbers.append(1) %}
                {% do flat.append({
                    'model': ladder.model, 'rung': rung.tier, 'group': c.group,
                    'number': numbers | length, 'parts': c.parts, 'versus': ladder.versus,
                    'condition': c.condition, 'name': ladder.model ~ '_' ~ numbers | length,
                    'course': _course_of(c.parts, has_events),
                }) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {{ return(flat) }}
{% endmacro %}


{% macro _course_of(p, has_events) %}
    {% set is_ordered = p.comparison in ['<=', '<', '>', '>='] %}
    {% if p.kind in ['null', 'code'] or not is_ordered %}{{ return('stays') }}
    {% elif p.measure.startswith('days_since_') %}{{ return('ages') }}
    {% elif p.measure.endswith('_unearned_days') %}{{ return('grace') }}
    {% elif p.window and has_events %}{{ return('window') }}
    {% endif %}
    {{ return('stays') }}
{% endmacro %}


{# The thresholds that these conditions read. #}
{% macro foretold_thresholds(conditions) %}
    {% set names = [] %}
    {% for c in conditions %}
        {% for name in [c.parts.window, c.parts.target if c.parts.kind == 'threshold'] %}
            {% if name and name not in names %}{% do names.append(name) %}{% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# Measures of which a coming value may rise again: refunds leave a window, shares turn. #}
{% macro uneven_measures() %}{{ return(['net_amount', 'earning_amount', 'referral_conversion_rate']) }}{% endmacro %}


{# The models whose ladders read such a measure in a window. #}
{% macro uneven_models(conditions) %}
    {% set models = [] %}
    {% for c in conditions if c.course == 'window' and c.parts.measure in uneven_measures() %}
        {% if c.model not in models %}{% do models.append(c.model) %}{% endif %}
    {% endfor %}
    {{ return(models) }}
{% endmacro %}


{#
    As columns `<name>_event`: the event with which a windowed value passes its target when it
    leaves the window: the newest one up to which all newer ones reach it.
#}
{% macro deciding_events(conditions, events='events') -%}
    {%- for c in conditions if c.course == 'window' %}
    max({{ events }}.event_date) filter (
        where {{ events }}.measure = '{{ c.parts.measure }}'
        and {{ events }}.so_far {{ '>=' if c.parts.comparison in ['>=', '<'] else '>' }} policy.{{ c.parts.target }}
    ) as {{ c.name }}_event{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# As columns `<measure>_moves`: whether others move a measure; without a value, unless a code. #}
{% macro moved_measures(conditions) -%}
    {%- for measure in conditions | map(attribute='parts.measure') | unique %}
    coalesce(bool_or(words.course = 'others') filter (
        where words.measure = '{{ measure.replace('_lifetime', '') }}'
    ), false) as {{ measure }}_moves,
    coalesce(bool_or(measures.unit = 'code') filter (
        where words.measure = '{{ measure.replace('_lifetime', '') }}'
    ), false) as {{ measure }}_is_code{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#
    As columns: whether each condition holds now (`<name>`), whether that is open from tomorrow
    on (`<name>_open`), and the day on which time turns it (`<name>_on`; of a grace period the
    days so far and the days granted). Over `measures`, `policy`, `moved`, `deciding`.
#}
{% macro condition_states(conditions) -%}
    {%- for c in conditions %}
    {%- set p, name = c.parts, c.name %}
    {%- set value = measure_sql(p) %}
    {{ condition_sql(c.condition, c.versus) }} as {{ name }},
    {{ _is_open(p, value) if c.course in ['stays', 'window'] else 'false' }} as {{ name }}_open
    {%- if c.course == 'ages' %},
    {%- set is_after = p.comparison in ['<=', '>'] %}
    case when {{ target_sql(p) }} {{ '>=' if is_after else '>' }} {{ value }} then
        {{ days_after(
            'measures.as_of_date',
            ('floor(' if is_after else 'ceil(') ~ target_sql(p) ~ ' - ' ~ value ~ ')'
            ~ (' + 1' if is_after else '')
        ) }}
    end as {{ name }}_on
    {%- elif c.course == 'window' %},
    {%- set leaves = days_after('deciding.' ~ name ~ '_event', 'policy.' ~ p.window ~ ' + 1') %}
    case when policy.{{ p.window }} > 0 and {{ leaves }} > measures.as_of_date then {{ leaves }}
    end as {{ name }}_on
    {%- elif c.course == 'grace' %},
    {{ value }} as {{ name }}_days,
    {{ target_sql(p) }} as {{ name }}_grace
    {%- endif %}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{% macro _is_open(p, value) -%}
    moved.{{ p.measure }}_moves and (moved.{{ p.measure }}_is_code or {{ value }} is not null)
    {%- if p.window %} and policy.{{ p.window }} > 0{% endif %}
    {%- if p.measure.endswith('_lifetime') %} and false{% endif %}
{%- endmacro %}


{# The day that never comes: of an amount that time does not take away. #}
{% macro never() -%} cast('9000-01-01' as date) {%- endmacro %}


{#
    As columns `<name>_on`: the day on which a grace period ends. It begins on the day from
    which its level is not earned; a level above that ran out adds a period for each rung.

    Args:
        conditions: those of the models asked for.
        day: on which day it is asked.
        is_by_day: whether the rows are days, with `<name>_ended`: when it was last unearned.
#}
{% macro grace_turns(conditions, day, is_by_day=false) -%}
    {%- for c in conditions if c.course == 'grace' %}
    {%- set ends, place = [], namespace(at=0) %}
    {%- for d in conditions if d.course == 'grace' and d.model == c.model and d.number <= c.number %}
        {%- do ends.append(d) %}
    {%- endfor %}
    {%- set days = [] %}
    {%- for d in ends %}
        {%- do days.append(days_after(
            _begins(d, conditions, day, is_by_day),
            (ends | length - loop.index0) ~ ' * ' ~ c.name ~ '_grace'
        )) %}
    {%- endfor %}
    {%- set end = 'greatest(' ~ days | join(', ') ~ ', ' ~ 'cast(null as date)' ~ ')' %}
    {% if is_by_day -%}
    coalesce({{ end }} > {{ day }}, false) as {{ c.name }},
    cast(null as date)
    {%- else -%}
    case when {{ c.name }} and {{ end }} < {{ never() }} then {{ end }} end
    {%- endif %} as {{ c.name }}_on{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{% macro _begins(grace, conditions, day, is_by_day) -%}
    {%- set so_far = days_after('as_of_date', '1 - ' ~ grace.name ~ '_days') -%}
    {%- set level = alternative_of(grace, conditions) -%}
    {%- if is_by_day -%}
    case when {{ level.name }} then {{ days_after(day, 1) }}
        else coalesce({{ grace.name }}_ended, {{ so_far }}) end
    {%- else -%}
    case when {{ level.name }} then coalesce({{ level.name }}_on, {{ never() }}) else {{ so_far }} end
    {%- endif -%}
{%- endmacro %}


{# The amount beside a grace period: the other condition of its group. #}
{% macro alternative_of(grace, conditions) %}
    {% for c in conditions if c.model == grace.model and c.rung == grace.rung
        and c.group == grace.group and c.course == 'window' %}
        {{ return(c) }}
    {% endfor %}
    {{ exceptions.raise_compiler_error(
        'A grace period stands beside the amount that it forgives: ' ~ grace.condition
    ) }}
{% endmacro %}


{# Whether a condition holds on a day, as far as time alone decides. #}
{% macro holds_on(c, day) -%}
    {%- if c.course == 'stays' -%}{{ c.name }}
    {%- else -%}({{ c.name }} != coalesce({{ c.name }}_on <= {{ day }}, false))
    {%- endif -%}
{%- endmacro %}


{# A rung on a day: whether it may hold, or certainly does. #}
{% macro rung_on(conditions, day, is_certain) -%}
    {%- set groups = [] -%}
    {%- for group in conditions | map(attribute='group') | unique -%}
        {%- set options = [] -%}
        {%- for c in conditions if c.group == group -%}
            {%- set holds = holds_on(c, day) -%}
            {%- if c.course in ['ages', 'grace'] -%}{%- do options.append(holds) -%}
            {%- elif is_certain -%}{%- do options.append('(' ~ holds ~ ' and not ' ~ c.name ~ '_open)') -%}
            {%- else -%}{%- do options.append('(' ~ holds ~ ' or ' ~ c.name ~ '_open)') -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do groups.append('(' ~ options | join(' or ') ~ ')') -%}
    {%- endfor -%}
    {{ groups | join(' and ') or 'true' }}
{%- endmacro %}


{# The tier of a model on a coming day; 'open' where other customers or models decide. #}
{% macro tier_on(model, conditions, day) -%}
    {%- set rungs = node_of('tier_' ~ model).config.meta.ladder.rungs if execute else [] -%}
    case
    {%- for rung in rungs %}
        {%- set own = conditions | selectattr('model', 'equalto', model)
            | selectattr('rung', 'equalto', rung.tier) | list %}
        {%- if not loop.last %}
        when {{ rung_on(own, day, false) }}
            then case when {{ rung_on(own, day, true) }} then '{{ rung.tier }}' else 'open' end
        {%- else %}
        when {{ rung_on(own, day, false) }} and not ({{ rung_on(own, day, true) }}) then 'open'
        else '{{ rung.tier }}'
        {%- endif %}
    {%- endfor %}
    end
{%- endmacro %}


{# The coming days on which a tier of a model can change: tomorrow, and where time turns. #}
{% macro coming_days(model, conditions) %}
    {% set days = [days_after('as_of_date', 1)] %}
    {% for c in conditions if c.model == model and c.course != 'stays' %}
        {% do days.append(c.name ~ '_on') %}
    {% endfor %}
    {{ return(days) }}
{% endmacro %}


{# As column `<model>_on`: the first day on which the tier is another one, or open. #}
{% macro first_change(model, conditions) -%}
    least(
    {%- for day in coming_days(model, conditions) %}
        case
            when {{ day }} is not null
                then case when {{ tier_on(model, conditions, day) | indent(16) }}
                    != {{ model }}_tier then {{ day }} end
        end,
    {%- endfor %}
        cast(null as date)
    ) as {{ model }}_on
{%- endmacro %}


{#
    As column `<model>_uneven`: whether a value that may rise again can decide: it has such
    events, and no other group of its rung is false for good.
#}
{% macro is_uneven(model, conditions) -%}
    {%- set cases = [] -%}
    {%- for c in conditions if c.model == model and c.course == 'window' and c.parts.measure in uneven_measures() -%}
        {%- set parts = ['coalesce(' ~ c.parts.measure ~ '_uneven, false)'] -%}
        {%- set rung = conditions | selectattr('model', 'equalto', model)
            | selectattr('rung', 'equalto', c.rung) | list -%}
        {%- for group in rung | map(attribute='group') | unique if group != c.group -%}
            {%- set alive = [] -%}
            {%- for d in rung if d.group == group -%}
                {%- do alive.append(d.name ~ ' or ' ~ d.name ~ '_open') -%}
                {%- if d.course != 'stays' -%}{%- do alive.append(d.name ~ '_on is not null') -%}{%- endif -%}
                {%- if d.course == 'window' and d.parts.measure in uneven_measures() -%}
                    {%- do alive.append('coalesce(' ~ d.parts.measure ~ '_uneven, false)') -%}
                {%- endif -%}
            {%- endfor -%}
            {%- do parts.append('(' ~ alive | join(' or ') ~ ')') -%}
        {%- endfor -%}
        {%- do cases.append('(' ~ parts | join(' and ') ~ ')') -%}
    {%- endfor -%}
    {{ cases | join(' or ') }} as {{ model }}_uneven
{%- endmacro %}


{# As columns: what is left in each window of these conditions on the day of `days`. #}
{% macro left_on_day(conditions) -%}
    {%- for c in conditions if c.course == 'window' %}
    {%- set share = c.parts.measure == 'referral_conversion_rate' %}
    {{ 'cast(avg' if share else 'coalesce(sum' }}(events.amount) filter (
        where events.measure = '{{ c.parts.measure }}'
        and events.event_date >= days.{{ c.parts.window }}_from
    ){{ ' as decimal(9, 4))' if share else ', 0)' }} {{ c.parts.comparison }} max(days.{{ c.parts.target }})
    as {{ c.name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#
    The first change of customers with uneven values, over each coming day on which something
    can change: `<model>_on`, `<model>_then`. Over the CTEs `changes`, `events`, `policy`.
#}
{% macro retold_day_by_day(conditions, models, key) -%}
with uneven as (
    select * from changes
    where {% for model in models %}{{ model }}_uneven{{ ' or ' if not loop.last }}{% endfor %}
),

dated as (
    {% for c in conditions if c.course != 'stays' -%}
    select {{ key | join(', ') }}, {{ c.name }}_on as coming_day from uneven
    union
    {% endfor -%}
    {% for window in conditions | selectattr('course', 'equalto', 'window') | map(attribute='parts.window') | unique -%}
    {%- set leaves = days_after('events.event_date', 'policy.' ~ window ~ ' + 1') -%}
    {%- set own = conditions | selectattr('parts.window', 'equalto', window) | map(attribute='parts.measure') | unique -%}
    {%- set is_own = "events.measure in ('" ~ own | join("', '") ~ "')" -%}
    select {{ named_columns('uneven', key) }}, {{ leaves }}
    from uneven
    inner join events on {{ named_equal('uneven', 'events', key[:2]) }} and {{ is_own }}
    inner join policy on {{ policy_of('uneven', true) }}
    union
    {% for c in conditions if c.course == 'grace' and alternative_of(c, conditions).parts.window == window -%}
    select {{ named_columns('uneven', key) }}, {{ days_after(leaves, 'uneven.' ~ c.name ~ '_grace') }}
    from uneven
    inner join events on {{ named_equal('uneven', 'events', key[:2]) }} and {{ is_own }}
    inner join policy on {{ policy_of('uneven', true) }}
    union
    {% endfor -%}
    {% endfor -%}
    select {{ key | join(', ') }}, {{ days_after('as_of_date', 1) }} from uneven
),

{% set windowed = conditions | selectattr('course', 'equalto', 'window') | list -%}
{%- set windows = windowed | map(attribute='parts.window') | unique | list -%}
days as (
    select
        {{ named_columns('dated', key + ['coming_day']) }},
        {% for window in windows -%}
        {{ days_after('dated.coming_day', '-policy.' ~ window) }} as {{ window }}_from,
        {% endfor -%}
        {% for target in windowed | map(attribute='parts.target') | unique -%}
        policy.{{ target }}{{ ',' if not loop.last }}
        {% endfor %}
    from dated
    inner join uneven on {{ named_equal('dated', 'uneven', key) }}
    inner join policy on {{ policy_of('uneven', true) }}
    where dated.coming_day > dated.as_of_date
),

left_then as (
    select
        {{ named_columns('days', key + ['coming_day']) }},
        {{ left_on_day(conditions) }}
    from days
    left join events
        on {{ named_equal('days', 'events', key[:2]) }}
        and events.measure in ('{{ windowed | map(attribute='parts.measure') | unique | join("', '") }}')
        and events.event_date >= least(days.{{ windows | join('_from, days.') }}_from)
    group by {{ named_columns('days', key + ['coming_day']) }}
),

ceased as (
    select
        {{ named_columns('left_then', key + ['coming_day']) }},
        {% for c in conditions -%}
        {%- if c.course == 'window' %}coalesce(left_then.{{ c.name }}, false) as {{ c.name }},
        cast(null as date) as {{ c.name }}_on,
        {%- elif c.course != 'grace' %}uneven.{{ c.name }},
        {%- if c.course == 'ages' %} uneven.{{ c.name }}_on,{% endif %}
        {%- else %}{%- set level = alternative_of(c, conditions).name %}
        uneven.{{ c.name }}_days, uneven.{{ c.name }}_grace,
        case
            when left_then.{{ level }} is not true and lag(left_then.{{ level }}, 1, uneven.{{ level }}) over (
                partition by {{ named_columns('left_then', key) }} order by left_then.coming_day
            ) then left_then.coming_day
        end as {{ c.name }}_ceased,
        {%- endif %}
        uneven.{{ c.name }}_open,
        {% endfor -%}
        {% for model in models %}uneven.{{ model }}_tier{{ ', ' if not loop.last }}{% endfor %}
    from left_then
    inner join uneven on {{ named_equal('left_then', 'uneven', key) }}
),

ended as (
    select
        *
        {%- for c in conditions if c.course == 'grace' %},
        max({{ c.name }}_ceased) over (
            partition by {{ key | join(', ') }} order by coming_day
        ) as {{ c.name }}_ended
        {%- endfor %}
    from ceased
),

judged as (
    select
        *,
        {{ grace_turns(conditions, 'coming_day', true) }}
    from ended
),

told as (
    select
        *,
        {% for model in models -%}
        {{ tier_on(model, conditions, 'coming_day') }} as {{ model }}_then{{ ',' if not loop.last }}
        {% endfor %}
    from judged
)

select
    {{ key | join(', ') }},
    {% for model in models -%}
    min(coming_day) filter (where {{ model }}_then != {{ model }}_tier) as {{ model }}_on,
    {{ value_at_min(model ~ '_then', ['coming_day']) }} filter (where {{ model }}_then != {{ model }}_tier)
        as {{ model }}_then{{ ',' if not loop.last }}
    {% endfor %}
from told
group by {{ key | join(', ') }}
{%- endmacro %}



{# Columns of a relation, by name. #}
{% macro named_columns(relation, names) -%}
    {% for name in names %}{{ relation }}.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}


{# The join condition of two relations that agree in these columns, none of them null. #}
{% macro named_equal(left, right, names) -%}
    {% for name in names %}{{ left }}.{{ name }} = {{ right }}.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}
