{# What ladders compare, each side once: {side: SQL over `measures` and `policy`}; numbers, codes. #}
{% macro compared_sides(models, are_codes) %}
    {% set sides = {} %}
    {% for c in foretold_conditions(models, false) %}
        {% set p = c.parts %}
        {% if not are_codes and p.kind != 'code' %}
            {% do sides.update({left_side(p): _as_number(measure_sql(p), p.kind == 'null')}) %}
            {% if p.kind == 'column' %}
                {% do sides.update({p.target: _as_number('measures.' ~ p.target, false)}) %}
            {% endif %}
        {% elif are_codes and p.kind in ['code', 'null'] %}
            {% do sides.update({left_side(p): 'cast(' ~ measure_sql(p) ~ ' as varchar)'}) %}
        {% endif %}
    {% endfor %}
    {{ return(sides) }}
{% endmacro %}


{# A measure as a number; a code that is only looked at for being there is none. #}
{% macro _as_number(value, is_doubtful) -%}
    {%- if is_doubtful -%}{{ try_to('cast(' ~ value ~ ' as varchar)', 'decimal(18, 4)') }}
    {%- else -%}cast({{ value }} as decimal(18, 4)){%- endif -%}
{%- endmacro %}


{# The name of such a side as a column. #}
{% macro side_column(side, are_codes) -%}
    {{ side.replace('[', '__').replace(']', '') }}{{ '__code' if are_codes else '__number' }}
{%- endmacro %}


{# All sides as columns. Over `measures` and `policy`. #}
{% macro compared_columns(models) -%}
    {%- for are_codes in [false, true] %}
    {%- for side, value in compared_sides(models, are_codes).items() %}
    {{ value }} as {{ side_column(side, are_codes) }},
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}


{# The windows that these models ask for. #}
{% macro compared_windows(models) %}
    {% set names = [] %}
    {% for c in foretold_conditions(models, false) if c.parts.window and c.parts.window not in names %}
        {% do names.append(c.parts.window) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# The places of the sides in their lists, as rows: side, are_codes, place. #}
{% macro side_places(models) -%}
    {%- set rows = [] -%}
    {%- for are_codes in [false, true] -%}
        {%- for side in compared_sides(models, are_codes) -%}
            {%- do rows.append("('" ~ side ~ "', " ~ are_codes ~ ', ' ~ loop.index ~ ')') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ value_rows(rows, 3) }}
{%- endmacro %}


{#
    The rungs in words, for every rule set and scope: labels, the rung to aim for, and as lists
    of records the conditions that hold on it (`holds`) and those of the next one (`nexts`),
    with templates in which only the customer's own values are open.
    One row per as-of date, rule set, scope, model, tier and rung aimed at.
#}
{% macro rung_words(models) -%}
with usual as (
    select * from {{ ref('tier_rungs') }} where model in ('{{ models | join("', '") }}')
),

-- Further rungs that as little may lead to (`further` of the ladder): `aim`, null as usual.
further (model, tier, aim) as (
    {{ further_rungs(models) }}
),

rungs as (
    select model, tier, is_left, next_tier, cast(null as varchar) as aim from usual
    union all
    select usual.model, usual.tier, usual.is_left, further.aim, further.aim
    from usual
    inner join further on usual.model = further.model and usual.tier = further.tier
),

places (side, are_codes, place) as (
    {{ side_places(models) }}
),

code_labels as (
    select
        tiers.model || '_tier' as measure,
        tiers.tier as code,
        tiers.label_en,
        tiers.label_zh,
        tier_models.label_en as model_en,
        tier_models.label_zh as model_zh
    from {{ ref('tiers') }} as tiers
    inner join {{ ref('tier_models') }} as tier_models on tiers.model = tier_models.model
    union all
    select
        rules.measure,
        rules.target_code,
        tiers.label_en,
        tiers.label_zh,
        null,
        null
    from {{ ref('tier_rules') }} as rules
    inner join {{ ref('tiers') }} as tiers
        on rules.model = tiers.model and rules.rung = tiers.tier
    where rules.asks_for = 'code' and rules.measure not like '%!_tier' escape '!'
),

code_lists as (
    select
        measure,
        {{ gathered(record_of({'code': 'code', 'en': 'label_en', 'zh': 'label_zh'}), 'code') }} as codes
    from code_labels
    group by measure
),

asked as (
    select
        scopes.as_of_date,
        scopes.ruleset,
        scopes.scope_id,
        rungs.model,
        rungs.tier,
        rungs.aim,
        rules.condition_number,
        rules.condition_group,
        rules.rung,
        rules.measure,
        rules.comparison,
        rules.asks_for,
        rules.target_code,
        case when rules.asks_for != 'code' then numbers.place end as number_at,
        case when rules.asks_for != 'number' then codes.place end as code_at,
        rivals.place as rival_at,
        windows.value as window_days,
        targets.value as target,
        measures.unit,
        words.course,
        words.act,
        code_lists.codes,
        rungs.tier = rules.rung as is_held,
        case when rungs.tier = rules.rung then {{ opposite('rules.comparison') }}
            else rules.comparison end as wants,
        {%- for language in joints() %}
        words.fact_{{ language }},
        words.none_{{ language }},
        words.gain_{{ language }},
        words.reset_{{ language }},
        words.start_{{ language }},
        coalesce(measures.label_{{ language }}, rules.measure) as label_{{ language }},
        coalesce(wanted.label_{{ language }}, rules.target_code) as target_label_{{ language }},
        wanted.model_{{ language }} as tier_model_{{ language }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select distinct as_of_date, ruleset, scope_id from {{ ref('thresholds_in_force') }}) as scopes
    cross join rungs
    inner join {{ ref('tier_rules') }} as rules
        on rungs.model = rules.model and rules.rung in (rungs.tier, rungs.next_tier)
    left join places as numbers on rules.left_side = numbers.side and not numbers.are_codes
    left join places as codes on rules.left_side = codes.side and codes.are_codes
    left join places as rivals on rules.right_side = rivals.side and not rivals.are_codes
    left join {{ ref('thresholds_in_force') }} as windows
        on {{ same_scope('scopes', 'windows') }}
        and rules.left_side = rules.measure || '[' || windows.threshold || ']'
    left join {{ ref('thresholds_in_force') }} as targets
        on {{ same_scope('scopes', 'targets') }} and rules.threshold = targets.threshold
    left join {{ ref('measures') }} as measures
        on replace(rules.measure, '_lifetime', '') = measures.measure
    left join {{ ref('measure_words') }} as words
        on replace(rules.measure, '_lifetime', '') = words.measure
    left join code_lists on replace(rules.measure, '_lifetime', '') = code_lists.measure
    left join code_labels as wanted
        on rules.measure = wanted.measure and rules.target_code = wanted.code
),

phrased as (
    select
        *,
        case
            when measure like '%_lifetime' or window_days = 0 then 'stays' else course
        end as moves,
        {{ window_words('en') }} as window_en,
        {{ window_words('zh') }} as window_zh,
        {{ in_unit('target') }} as target_text
    from asked
),

worded as (
    select
        *
        {%- for language in joints() %},
        {{ fact_template(language) }} as told_{{ language }},
        {{ none_template(language) }} as absent_{{ language }},
        {{ act_template(language) }} as act_{{ language }},
        {{ start_template(language) }} as begin_{{ language }},
        {{ must_template(language) }} as must_{{ language }}
        {%- endfor %}
    from phrased
),

conditions as (
    select
        *,
        {{ condition_record() }} as condition,
        {{ sentence_record() }} as sentence
    from worded
),

lists as (
    select
        as_of_date,
        ruleset,
        scope_id,
        model,
        tier,
        aim,
        {{ gathered('condition', 'condition_number') }} as conditions,
        {{ gathered('sentence', 'condition_number') }} filter (where is_held) as holds,
        {{ gathered('sentence', 'condition_number') }} filter (where not is_held) as nexts,
        -- One way for each thing asked, and none that another takes along.
        {{ is_plain('not is_held', 'coalesce(act_en, must_en)') }}
        and (
            count(*) filter (where not is_held) = 1
            or not coalesce(bool_or(moves = 'ages') filter (where not is_held), false)
        )
        and count(distinct coalesce(begin_en, must_en)) filter (where not is_held)
        = count(*) filter (where not is_held) as is_asked_plainly
    from conditions
    group by as_of_date, ruleset, scope_id, model, tier, aim
)

select
    scopes.as_of_date,
    scopes.ruleset,
    scopes.scope_id,
    rungs.model,
    rungs.tier,
    tiers.tier_rank,
    tiers.label_en as tier_en,
    tiers.label_zh as tier_zh,
    rungs.next_tier,
    rungs.aim,
    next_tiers.label_en as next_en,
    next_tiers.label_zh as next_zh,
    rungs.is_left,
    coalesce(lists.is_asked_plainly, true) as is_asked_plainly,
    lists.conditions,
    lists.holds,
    lists.nexts
from (select distinct as_of_date, ruleset, scope_id from {{ ref('thresholds_in_force') }}) as scopes
cross join rungs
left join lists
    on {{ same_scope('scopes', 'lists') }}
    and rungs.model = lists.model and rungs.tier = lists.tier
    and coalesce(rungs.aim, '') = coalesce(lists.aim, '')
{{ tier_labels('rungs.model', 'rungs.tier', 'tiers') }}
{{ tier_labels('rungs.model', 'rungs.next_tier', 'next_tiers') }}
{%- endmacro %}


{# The rungs that a ladder names as `further`, as rows: model, tier, aim. #}
{% macro further_rungs(models) -%}
    {%- set rows = [] -%}
    {%- for node in ladder_nodes(models) -%}
        {%- for rung in node.config.meta.ladder.rungs -%}
            {%- for aim in rung.further or [] -%}
                {%- do rows.append("('" ~ node.config.meta.ladder.model ~ "', '" ~ rung.tier ~ "', '" ~ aim ~ "')") -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ value_rows(rows, 3) }}
{%- endmacro %}


{#
    The further rung that asks no more of a customer than the usual next one, the best of them;
    null where there is none. Over `measures`, with their tiers, and `policy`.
#}
{% macro chosen_aim(model) -%}
    {%- set rungs = ladder_nodes([model])[0].config.meta.ladder.rungs if execute else [] -%}
    {%- set efforts, cases = {}, [] -%}
    {%- for rung in rungs -%}{%- do efforts.update({rung.tier: _effort(rung)}) -%}{%- endfor -%}
    {%- for rung in rungs -%}
        {%- for aim in rung.further or [] -%}
            {%- do cases.append(
                'when measures.' ~ model ~ "_tier = '" ~ rung.tier ~ "' and " ~ efforts[aim] ~ ' <= '
                ~ efforts[rung.next] ~ " then '" ~ aim ~ "'"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if cases -%}case {{ cases | join(' ') }} end{%- else -%}cast(null as varchar){%- endif -%}
{%- endmacro %}


{# How much a rung still asks: of each group the least; days since something begin anew. #}
{% macro _effort(rung) -%}
    {%- set groups = {} -%}
    {%- for c in rung_conditions(rung) -%}
        {%- set p = c.parts -%}
        {%- if p.measure.startswith('days_since_') -%}{%- set gap = '0' -%}
        {%- elif p.kind == 'threshold' and p.comparison in ['>=', '>'] -%}
            {%- set gap = 'greatest(' ~ target_sql(p) ~ ' - coalesce(' ~ measure_sql(p) ~ ', 0), 0)' -%}
        {%- else -%}
            {%- set gap = 'case when ' ~ condition_sql(c.condition) ~ ' then 0 else 1 end' -%}
        {%- endif -%}
        {%- do groups.update({c.group: groups.get(c.group, []) + [gap]}) -%}
    {%- endfor -%}
    {%- set sums = [] -%}
    {%- for gaps in groups.values() -%}
        {%- do sums.append('least(' ~ gaps | join(', ') ~ ')' if gaps | length > 1 else gaps[0]) -%}
    {%- endfor -%}
    ({{ sums | join(' + ') or '0' }})
{%- endmacro %}


{# The thresholds that `chosen_aim` reads. #}
{% macro aim_thresholds(models) %}
    {% set names = [] %}
    {% for node in ladder_nodes(models) %}
        {% set ladder = node.config.meta.ladder %}
        {% if ladder.rungs | selectattr('further', 'defined') | list %}
            {% for name in ladder_thresholds(ladder.rungs) if name not in names %}{% do names.append(name) %}{% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# Whether every condition is a group of its own, and no text stands twice. #}
{% macro is_plain(which, text) -%}
    count(*) filter (where {{ which }}) = count(distinct condition_group) filter (where {{ which }})
        and count(*) filter (where {{ which }}) = count(distinct {{ text }}) filter (where {{ which }})
{%- endmacro %}


{# The labels of a tier, joined under an alias. #}
{% macro tier_labels(model, tier, alias) -%}
    left join {{ ref('tiers') }} as {{ alias }}
        on {{ model }} = {{ alias }}.model and {{ tier }} = {{ alias }}.tier
{%- endmacro %}


{% macro same_scope(left, right) -%}
    {{ named_equal(left, right, ['as_of_date', 'ruleset', 'scope_id']) }}
{%- endmacro %}


{#
    The customers with what they have beside what their rungs ask: a row per customer and
    model, the conditions as lists of records (`holds`, `nexts`). A filter on customers reaches
    the table of facts before any list is made.

    Args:
        facts, words: the relations, both in the file of the view.
        models: the tier models.
        wanted: a relation of customers with the as-of date and model of which alone is told.
#}
{% macro placed_customers(facts, models, wanted=none) -%}
with facts as (
    select
        customer_key,
        as_of_date,
        ruleset,
        scope_id,
        clinic_id,
        {{ list_of(_side_columns(models, false)) }} as numbers,
        {{ list_of(_side_columns(models, true)) }} as codes,
        {%- for part in ['tier', 'aim', 'lapses_on', 'falls_to', 'is_open'] %}
        {{ list_of(_model_columns(models, part)) }} as {{ part }}s{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ facts }}
),

models (model, place) as (
    {{ model_places(models) }}
),

placed as (
    select
        facts.customer_key,
        facts.as_of_date,
        facts.ruleset,
        facts.scope_id,
        facts.clinic_id,
        facts.numbers,
        facts.codes,
        models.model,
        {%- for part in ['tier', 'aim', 'lapses_on', 'falls_to', 'is_open'] %}
        {{ element_of('facts.' ~ part ~ 's', 'models.place') }} as {{ part }}{{ ',' if not loop.last }}
        {%- endfor %}
    from facts
    cross join models
    {%- if wanted %}
    inner join (
        select distinct customer_key, as_of_date, model from {{ wanted }}
    ) as wanted
        on {{ named_equal('facts', 'wanted', ['customer_key', 'as_of_date']) }}
        and models.model = wanted.model
    {%- endif %}
)
{%- endmacro %}


{#
    The conditions judged for every customer and model, as lists of records (`holds`,
    `nexts`), with the templates that suit the values; words are filled in when said.
#}
{% macro judged_rungs(facts, words, models, wanted=none) -%}
{{ placed_customers(facts, models, wanted) }},

judged as (
    select
        {{ judged_columns() | join(', ') | replace('customer_key', 'placed.customer_key')
            | replace('as_of_date', 'placed.as_of_date') | replace('ruleset', 'placed.ruleset')
            | replace('model,', 'placed.model,') | replace(' tier,', ' placed.tier,')
            | replace(' aim,', ' placed.aim,') }},
        {%- for list in ['holds', 'nexts'] %}
        {{ each_of('words.' ~ list, 'x', record_of(_judged(
            element_of('placed.numbers', 'x.number_at'), element_of('placed.codes', 'x.code_at'),
            'coalesce(x.target, ' ~ element_of('placed.numbers', 'x.rival_at') ~ ')'
        ))) }} as {{ list }}{{ ',' if not loop.last }}
        {%- endfor %}
    from placed
    left join {{ words }} as words
        on placed.model = words.model and placed.tier = words.tier
        and coalesce(placed.aim, '') = coalesce(words.aim, '')
        and placed.as_of_date = words.as_of_date
        and placed.ruleset = words.ruleset
        and placed.scope_id = words.scope_id
)
{%- endmacro %}


{# What is known of a customer in a model beside the conditions. #}
{% macro judged_columns() %}
    {{ return([
        'customer_key', 'as_of_date', 'ruleset', 'clinic_id', 'model', 'tier', 'aim',
        'lapses_on', 'falls_to', 'is_open', 'tier_rank', 'tier_en', 'tier_zh', 'next_tier', 'next_en',
        'next_zh', 'is_left', 'is_asked_plainly',
    ]) }}
{% endmacro %}


{% macro _side_columns(models, are_codes) %}
    {% set columns = [] %}
    {% for side in compared_sides(models, are_codes) %}
        {% do columns.append(side_column(side, are_codes)) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{% macro _model_columns(models, part) %}
    {% set columns = [] %}
    {% for model in models %}{% do columns.append(model ~ '_' ~ part) %}{% endfor %}
    {{ return(columns) }}
{% endmacro %}


{# The models with their places in the lists, as rows: model, place. #}
{% macro model_places(models) -%}
    {%- set rows = [] -%}
    {%- for model in models -%}{%- do rows.append("('" ~ model ~ "', " ~ loop.index ~ ')') -%}{%- endfor -%}
    {{ value_rows(rows, 2) }}
{%- endmacro %}


{# Whether a condition `x` of a rung holds for these values, as `condition_sql` decides it. #}
{% macro is_met(x, value, code, target) -%}
    coalesce(case
        when {{ x }}.asks_for = 'null' then ({{ code }} is null) = ({{ x }}.comparison = '=')
        {%- for comparison in ['<=', '>=', '<', '>', '=', '!='] %}
        when {{ x }}.comparison = '{{ comparison }}' and {{ x }}.asks_for = 'number'
            then {{ value }} {{ comparison }} {{ target }}
        {%- endfor %}
        when {{ x }}.comparison = '=' then {{ code }} = {{ x }}.target_code
        else {{ code }} != {{ x }}.target_code
    end, false)
{%- endmacro %}


{# A condition with the customer's values, its gap, and the templates for it. #}
{% macro _judged(value, code, target) %}
    {% set short = '(' ~ target ~ ' - coalesce(' ~ value ~ ', 0) + ' ~ step_beyond('x.wants', 'x.unit') ~ ')' %}
    {% set is_none = value ~ ' is null and ' ~ code ~ ' is null' %}
    {{ return({
        'n': 'x.condition_number', 'g': 'x.condition_group', 'moves': 'x.moves', 'wants': 'x.wants',
        'measure': 'x.measure', 'act': 'x.act', 'unit': 'x.unit', 'codes': 'x.codes', 'value': value, 'code': code,
        'target': target, 'short': short, 'is_met': is_met('x', value, code, target),
        'can': 'case when ' ~ is_none ~ ' then x.is_begin else x.is_act end',
        'fact_en': 'case when ' ~ is_none ~ ' then x.absent_en when ' ~ value
            ~ ' = 1 then x.told_one_en else x.told_en end',
        'fact_zh': 'case when ' ~ is_none ~ ' then x.absent_zh else x.told_zh end',
        'step_en': 'case when ' ~ is_none ~ ' then case when ' ~ short ~ ' = 1 then x.begin_one_en else x.begin_en end when '
            ~ short ~ ' = 1 then x.step_one_en else x.step_en end',
        'step_zh': 'case when ' ~ is_none ~ ' then x.begin_zh else x.step_zh end',
    }) }}
{% endmacro %}


{#
    The conditions as rows: of the rung held (`holds`) and of the next one (`next`).
    Args as of judged_rungs().
#}
{% macro condition_rows(facts, words, models) -%}
{{ placed_customers(facts, models) }},

asked as (
    select
        as_of_date, ruleset, scope_id, model, tier, aim,
        {{ each_row('conditions') }} as x
    from {{ words }}
),

valued as (
    select
        placed.customer_key,
        placed.as_of_date,
        placed.ruleset,
        placed.clinic_id,
        placed.model,
        placed.tier,
        asked.x,
        {{ element_of('placed.numbers', 'asked.x.number_at') }} as value,
        {{ element_of('placed.codes', 'asked.x.code_at') }} as code,
        coalesce(asked.x.target, {{ element_of('placed.numbers', 'asked.x.rival_at') }}) as target
    from placed
    inner join asked
        on placed.model = asked.model and placed.tier = asked.tier
        and coalesce(placed.aim, '') = coalesce(asked.aim, '')
        and placed.as_of_date = asked.as_of_date
        and placed.ruleset = asked.ruleset
        and placed.scope_id = asked.scope_id
),

judged as (
    select
        *,
        {{ is_met('x', 'value', 'code', 'target') }} as is_met
    from valued
)

select
    customer_key,
    as_of_date,
    ruleset,
    model,
    tier,
    x.role as role,
    x.rung as rung,
    x.condition_number as condition_number,
    x.condition_group as condition_group,
    x.measure as measure,
    x.label_en as measure_label_en,
    x.label_zh as measure_label_zh,
    x.window_days as window_days,
    x.comparison as comparison,
    value,
    code as value_code,
    {%- for language in joints() %}
    case when code is not null then {{ element_of(those_of('x.codes', 'k', 'k.code = code'), 1) }}.{{ language }} end
        as value_label_{{ language }},
    {%- endfor %}
    target,
    x.target_code as target_code,
    x.target_label_en as target_label_en,
    x.target_label_zh as target_label_zh,
    x.unit as unit,
    cast(case
        when is_met then 0
        when x.comparison in ('>=', '>')
            then target - coalesce(value, 0) + {{ step_beyond('x.comparison', 'x.unit') }}
        when x.comparison in ('<=', '<') then value - target
    end as decimal(18, 4)) as gap,
    is_met,
    clinic_id
from judged
{%- endmacro %}


{# What the data keep of a condition of a rung. #}
{% macro condition_record() -%}
    {{ record_of(_named([
        'condition_number', 'condition_group', 'measure', 'comparison', 'asks_for', 'number_at',
        'code_at', 'rival_at', 'target', 'target_code', 'unit', 'codes', 'rung', 'label_en',
        'label_zh', 'target_label_en', 'target_label_zh',
    ], {
        'window_days': 'cast(window_days as integer)',
        'role': "case when is_held then 'holds' else 'next' end",
    })) }}
{%- endmacro %}


{# What the sentences keep of it: all but the customer's own values. #}
{% macro sentence_record() -%}
    {%- set words = {'is_act': 'act_en is not null', 'is_begin': 'begin_en is not null'} -%}
    {%- for language in joints() -%}
        {%- set step = 'coalesce(act_' ~ language ~ ', must_' ~ language ~ ')' -%}
        {%- set begin = 'coalesce(begin_' ~ language ~ ', must_' ~ language ~ ')' -%}
        {%- do words.update({
            'absent_' ~ language: 'absent_' ~ language,
            'told_' ~ language: in_number('told_' ~ language, false),
            'step_' ~ language: in_number(step, false),
            'begin_' ~ language: in_number(begin, false),
        }) -%}
        {%- if language == 'en' -%}
            {%- do words.update({
                'told_one_en': in_number('told_en', true), 'step_one_en': in_number(step, true),
                'begin_one_en': in_number(begin, true),
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ record_of(_named([
        'condition_number', 'condition_group', 'comparison', 'wants', 'asks_for', 'number_at',
        'code_at', 'rival_at', 'target', 'target_code', 'unit', 'moves', 'act', 'codes', 'measure',
    ], words)) }}
{%- endmacro %}


{% macro _named(names, others) %}
    {% set fields = {} %}
    {% for name in names %}{% do fields.update({name: name}) %}{% endfor %}
    {% do fields.update(others) %}
    {{ return(fields) }}
{% endmacro %}


{# The labels that a reason needs: of models, of tiers, of what keeps a tier. #}
{% macro reason_label_rows(audience) -%}
select
    'model' as kind,
    model,
    model as code,
    label_en,
    label_zh,
    label_en as model_label_en,
    label_zh as model_label_zh,
    question_en,
    question_zh
from {{ ref('tier_models') }}
where audience = '{{ audience }}'
union all
select 'tier', tiers.model, tiers.tier, tiers.label_en, tiers.label_zh, null, null, null, null
from {{ ref('tiers') }} as tiers
inner join {{ ref('tier_models') }} as models
    on tiers.model = models.model and models.audience = '{{ audience }}'
union all
select 'act', null, act, keep_en, keep_zh, null, null, null, null
from {{ ref('act_words') }}
{%- endmacro %}
